// durable-experiments settings: every setting, as the table that docs/operations.md has.
import { SETTINGS } from '../schemas/config.ts';

/** The settings as a Markdown table. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ name, standard, about }) =>
    [`\`${name}\``, standard, about].map((cell) => cell.replaceAll('|', String.raw`\|`)),
  );
  const lines = [['setting', 'unset', 'what it is for'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

export function run(): Promise<number> {
  process.stdout.write(settingsTable());
  return Promise.resolve(0);
}
