import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it, vi } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { attacks, tell } from './effort.ts';
import { createUnknownFiles } from './read-anyhow.ts';

vi.setConfig({ testTimeout: attacks(60_000) });

const CORPORA = fileURLToPath(new URL('../../../fixtures/hostile/', import.meta.url));
const unknown = createUnknownFiles(await temporaryFolder());
afterAll(() => unknown.close());

const filesIn = (corpus: string): string[] =>
  readdirSync(join(CORPORA, corpus), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('LICENSE'))
    .map(({ name }) => join(CORPORA, corpus, name));

describe('every file of a corpus of broken files gets a typed answer', () => {
  it.each(['parquet-testing', 'arrow-testing/parquet'])('%s', async (corpus) => {
    for (const path of filesIn(corpus)) await unknown.readParquet(path);
    const answers = unknown.taken();
    tell(corpus, answers);
    expect(answers['FILE_UNREADABLE']).toBeGreaterThan(0);
    expect(answers['read']).toBeGreaterThan(0);
  });

  it.each(['csv-spectrum', 'arrow-testing/csv'])('%s', async (corpus) => {
    for (const path of filesIn(corpus)) await unknown.readCsv(path);
    tell(corpus, unknown.taken());
  });

  it('either kind of file as the other', async () => {
    for (const corpus of ['csv-spectrum', 'arrow-testing/csv']) {
      for (const path of filesIn(corpus)) await unknown.readParquet(path);
    }
    for (const path of filesIn('parquet-testing')) await unknown.readCsv(path);
    expect(Object.keys(unknown.taken())).toEqual(['FILE_UNREADABLE']);
  });
});
