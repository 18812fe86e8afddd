import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createReaderPool } from '../../../../activities/sources/child/reader-pool.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testReader } from '../test-reader.ts';
import { createManyJobs } from './many-jobs.ts';
import { craftedParquet, double, text, type Claims, type Value } from './crafted-parquet.ts';

const MEMORY_BYTES = 256 << 20;
/** What reader-watch.ts allows beside, and what may come in the time between two of its looks. */
const MOST_BYTES = MEMORY_BYTES + (768 << 20) + (512 << 20);
const LIMITS = { maxRows: 3_000_000, maxBytes: 100_000_000, queryTimeoutSeconds: 8 };
const BILLIONS = 2 ** 31 - 1;
const zstd = { codec: 6, compress: (bytes: Buffer) => zstdCompressSync(bytes) };
const gzip = { codec: 2, compress: (bytes: Buffer) => gzipSync(bytes) };

const pool = createReaderPool({ resources: { memoryBytes: MEMORY_BYTES, threads: 2 } });
const reader = await testReader({ pool });
const folder = await temporaryFolder();
const jobs = createManyJobs(folder);
afterAll(() => jobs.close());

/** The most memory that a reader of this test has had: the system counts it for as long as it lives. */
let peak = 0;
function look(): void {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (!status.includes(`PPid:\t${process.pid}\n`)) continue;
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }
}

const source = { kind: 'file', path: 'bomb.parquet', format: 'parquet', target: 'y' } as const;
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/** The code with which a file of such claims is refused. */
async function refusal(claims: Claims, task: 'tabular' | 'text' = 'tabular') {
  await writeFile(join(reader.root, 'bomb.parquet'), craftedParquet(claims));
  const wish = { limits: LIMITS, task, features: ['a'] };
  return reader.load(source, wish).then(() => 'read', codeOf);
}

/** The same without a process of its own, for what does no harm to one. */
async function quickRefusal(claims: Claims): Promise<string> {
  const path = join(folder, 'source.parquet');
  await writeFile(path, craftedParquet(claims));
  return (await jobs.load('parquet-load', path, { features: ['a'] })).code;
}

const LONG = Buffer.alloc(8 << 20, 'x');
const ROWS: readonly [string, Claims, RegExp][] = [
  ['of billions from one value', { groupRows: BILLIONS }, /^ROW_LIMIT$/],
  ['that the footer says are ten', { groupRows: BILLIONS, fileRows: 10 }, /^ROW_LIMIT$/],
  ['that the footer says are none', { groupRows: 5_000_000, fileRows: 0 }, /^ROW_LIMIT$/],
  ['below zero', { groupRows: 5_000_000, fileRows: -5 }, /^FILE_UNREADABLE$/],
  ['below zero in a group', { groupRows: -5, fileRows: 5 }, /^NO_ROWS$/],
  [
    'in thousands of groups with the same pages',
    { groups: 4000, groupRows: 1_000_000, fileRows: 9 },
    /^ROW_LIMIT$/,
  ],
];
const TEXTS: readonly [string, Claims, RegExp][] = [
  ['in every row', { a: text(LONG), groupRows: 1_000_000 }, /^(MEMORY|BYTE)_LIMIT$/],
  [
    'as a label in every row',
    { a: text('t'), y: text(LONG), groupRows: 1_000_000 },
    /^(MEMORY|TIME)_LIMIT$/,
  ],
  [
    'that was a gigabyte',
    { a: { ...text(Buffer.alloc(1 << 30, 'x')), ...zstd } },
    /^(MEMORY|BYTE)_LIMIT$/,
  ],
  [
    'of more than its page claims',
    { a: { ...text(LONG), ...zstd, uncompressedBytes: 10 } },
    /^FILE_UNREADABLE$/,
  ],
  ['billions of times', { a: { ...text('t'), values: BILLIONS } }, /^MEMORY_LIMIT$/],
];
const sizes = (bytes: number) => ({ uncompressedBytes: bytes, compressedBytes: bytes });
const PAGES: readonly [string, Partial<Value>, RegExp][] = [
  ['gigabytes', sizes(BILLIONS), /^(FILE_UNREADABLE|MEMORY_LIMIT)$/],
  ['gigabytes of zstd', { ...zstd, uncompressedBytes: BILLIONS }, /^(FILE_UNR|MEMORY_LIMIT)/],
  ['gigabytes of gzip', { ...gzip, uncompressedBytes: BILLIONS }, /^(FILE_UNR|MEMORY_LIMIT)/],
  ['a size below zero', sizes(-1), /^FILE_UNREADABLE$/],
  ['billions of values', { values: BILLIONS }, /^MEMORY_LIMIT$/],
  ['values below zero', { values: -1 }, /^FILE_UNREADABLE$/],
  ['a place far behind the file', { dataPageOffset: 2 ** 52 }, /^(FILE_UNREADABLE|ONE_CLASS)$/],
  ['a place before the file', { dataPageOffset: -(2 ** 40) }, /^(FILE_UNREADABLE|ONE_CLASS)$/],
];
const FOOTERS: readonly [string, Claims, RegExp][] = [
  ['billions of columns', { missingElements: BILLIONS - 10 }, /^(FILE_UNREADABLE|MEMORY_LIMIT)$/],
  ['thirty thousand columns', { columns: 30_000 }, /^(FILE_UNREADABLE|BYTE_LIMIT)$/],
  // DuckDB's stack ends there, and with it the process.
  ['groups in groups', { depth: 100_000 }, /^(FILE_UNREADABLE|READER_DIED)$/],
];

describe.skipIf(process.platform !== 'linux')('a Parquet file is refused with a code', () => {
  let looking: NodeJS.Timeout;
  beforeAll(() => void (looking = setInterval(look, 10)));
  afterAll(() => clearInterval(looking));
  beforeEach(() => void (peak = 0));
  afterEach(() => {
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(MOST_BYTES);
  });

  it('but not when it is honest', async () => {
    expect(await refusal({ y: double(2) })).toBe('ONE_CLASS');
    expect(await quickRefusal({ y: double(2) })).toBe('ONE_CLASS');
  });

  it.each(ROWS)('for rows %s', async (_name, claims, code) => {
    expect(await quickRefusal(claims)).toMatch(code);
  });

  it.each(PAGES)('for a page that claims %s', async (_name, claims, code) => {
    expect(await quickRefusal({ a: { ...double(1), ...claims } })).toMatch(code);
  });

  it.each(TEXTS)('for a long text %s', async (_name, claims, code) => {
    expect(await refusal(claims, 'text')).toMatch(code);
  });

  it.each(FOOTERS)('for a footer of %s', async (_name, claims, code) => {
    expect(await refusal(claims)).toMatch(code);
  });
});
