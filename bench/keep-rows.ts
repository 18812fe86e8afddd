import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';

import { withRows, type Cells, type Section } from './results.ts';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** Puts rows into their section of RESULTS.md, with the date and the machine. */
export async function keepRows<Name extends string>(
  section: Section<Name>,
  rows: readonly Readonly<Record<Exclude<Name, 'date' | 'machine'>, string | number>>[],
): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${availableParallelism()} cores, ${memory} GiB`;
  const document = await readFile(RESULTS, 'utf8');
  const kept = rows.map((row) => ({ date, machine, ...row }) as Cells<Name>);
  await writeFile(RESULTS, await formatted(withRows(document, section, kept)));
}

export async function formatted(markdown: string): Promise<string> {
  return format(markdown, { ...(await resolveConfig(RESULTS)), parser: 'markdown' });
}
