import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { settingsTable } from '../../cli/settings.ts';
import { SETTINGS } from '../../schemas/config.ts';

it('says of every setting what it is for', () => {
  for (const { name, about } of SETTINGS) expect(about, name).toMatch(/^[A-Z].+\.$|[.}]$/s);
});

it('is the table of docs/operations.md', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  expect(page).toContain(`<!-- prettier-ignore -->\n${settingsTable()}`);
});
