import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, expect, it, vi } from 'vitest';

import { readCsvHeader } from '../../../../activities/sources/csv/csv-header.ts';
import { sampledColumns } from '../../../../activities/sources/csv/sample-types.ts';
import { Failure } from '../../../../schemas/failure.ts';
import { createDraws, type Draws } from '../../../faults/draws.ts';
import { createDoors } from '../../../server/fake-experiments.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { attacks, tell } from './effort.ts';
import { CSV_FILES, parquetFiles, REQUESTS, type HonestFile } from './honest-files.ts';
import { createManyJobs, demandTyped } from './many-jobs.ts';
import { mutate } from './mutate.ts';
import type { Outcome } from './perform-many.ts';

vi.setConfig({ testTimeout: attacks(60_000) });

const folder = await temporaryFolder();
const jobs = createManyJobs(folder);
afterAll(() => jobs.close());

/** What became of `count` mutated inputs; an answer that is no answer names its seed. */
async function outcomes(
  count: number,
  attempt: (draws: Draws) => Promise<Pick<Outcome, 'code' | 'peakBytes'>>,
) {
  const wrong: string[] = [];
  const counted: Record<string, number> = {};
  let most = 0;
  for (let seed = 1; seed <= count; seed++) {
    const { code, peakBytes } = await attempt(createDraws(seed));
    counted[code] = (counted[code] ?? 0) + 1;
    most = Math.max(most, peakBytes);
    try {
      demandTyped({ code, peakBytes });
    } catch {
      wrong.push(`seed ${seed}: ${code}, ${peakBytes} bytes`);
    }
  }
  tell(`${count} mutations, at most ${most >> 20} MiB:`, counted);
  expect(wrong).toEqual([]);
  return counted;
}

function describeCsv(bytes: Buffer): string {
  try {
    const header = readCsvHeader(bytes, true);
    sampledColumns(bytes, header);
    return 'described';
  } catch (error) {
    return error instanceof Failure ? error.code : `UNTYPED: ${String(error)}`;
  }
}

const someOf = (files: readonly HonestFile[], draws: Draws): HonestFile =>
  draws.pick(files as readonly [HonestFile, ...HonestFile[]]);

it('mutated CSV files get a typed answer each', async () => {
  const path = join(folder, 'source.csv');
  const counted = await outcomes(attacks(50), async (draws) => {
    const { bytes, selection } = someOf(CSV_FILES, draws);
    const mutated = mutate(bytes, draws);
    // What a worker itself looks at, when it validates.
    const described = describeCsv(mutated);
    if (described.startsWith('UNTYPED')) return { code: described, peakBytes: 0 };
    await writeFile(path, mutated);
    return jobs.load('csv-load', path, selection);
  });
  expect(counted['FILE_UNREADABLE']).toBeGreaterThan(0);
});

it('mutated Parquet files get a typed answer each', async () => {
  const path = join(folder, 'source.parquet');
  const files = await parquetFiles(folder);
  const counted = await outcomes(attacks(60), async (draws) => {
    const { bytes, selection } = someOf(files, draws);
    await writeFile(path, mutate(bytes, draws));
    return jobs.load('parquet-load', path, selection);
  });
  expect(counted['FILE_UNREADABLE']).toBeGreaterThan(0);
  expect(counted['read']).toBeGreaterThan(0);
});

it('mutated requests get a typed answer each, and so do the records of those that are valid', async () => {
  const path = join(folder, 'records.json');
  await outcomes(attacks(50), async (draws) => {
    const { app, started } = createDoors();
    const response = await app.request('/invoke', {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: 'localhost' },
      body: mutate(draws.pick(REQUESTS as [Buffer, ...Buffer[]]), draws),
    });
    const answer = (await response.json()) as { failure?: { code: string } };
    const [request] = started;
    if (request?.source.kind !== 'inline') {
      return { code: answer.failure?.code ?? `UNTYPED: ${response.status}`, peakBytes: 0 };
    }
    await writeFile(path, JSON.stringify(request.source.records));
    return jobs.load('records-load', path, { task: 'text', target: 'label', features: ['text'] });
  });
});
