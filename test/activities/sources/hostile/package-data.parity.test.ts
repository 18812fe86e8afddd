import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, expect, inject, it, vi } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { tell } from './effort.ts';
import { createUnknownFiles } from './read-anyhow.ts';

vi.setConfig({ testTimeout: 180_000 });

const MOST_BYTES = 300_000;
const unknown = createUnknownFiles(await temporaryFolder());
afterAll(() => unknown.close());

/** Where the packages of the tests' Python lie. */
function packages(): string {
  const lib = join(dirname(dirname(inject('python'))), 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3')) as string;
  return join(lib, version, 'site-packages');
}

it.each([
  'pyarrow/tests/data',
  'sklearn/datasets/data',
  'numpy/random/tests/data',
  'matplotlib/mpl-data/sample_data',
])('what ships with %s gets a typed answer, as CSV and as Parquet', async (folder) => {
  const root = join(packages(), folder);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= MOST_BYTES);
  expect(files.length).toBeGreaterThan(0);
  for (const path of files.filter((name) => !/\.py[ci]?$/.test(name))) {
    await unknown.readCsv(path);
    await unknown.readParquet(path);
  }
  tell(folder, files.length, 'files', unknown.taken());
});
