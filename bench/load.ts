import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { loadCsv } from '../activities/sources/csv/load-csv.ts';
import { openArrayFile } from '../platform/storage/array-file.ts';
import type { Bench } from './bench.ts';
import { inSeconds, timeRow, type Row } from './results.ts';
import { agreeOn, spread, takeTurns } from './side-by-side.ts';

interface Loaded {
  readonly seconds: number;
  /** Of the features' bytes, row by row. */
  readonly sha256: string;
}

const SELECTION = { task: 'tabular', features: undefined, target: 'label' } as const;

/** A CSV file of 1 000 000 x 20 to the arrays that the trainer reads, against pandas. */
export async function measureLoad(bench: Bench): Promise<Row[]> {
  const path = await bench.data('rows-1m.csv');
  const { blobs, limits, ...step } = await bench.loadStep();
  const reference = await bench.reference();
  const source = { kind: 'file', path, format: 'csv', target: 'label' } as const;

  async function loadStep(): Promise<Loaded> {
    const startedAt = performance.now();
    const { blob } = await step.load(source, SELECTION);
    const seconds = (performance.now() - startedAt) / 1000;
    return { seconds, sha256: await blobs.withFile(blob, featureHash) };
  }
  async function parsingAlone(): Promise<number> {
    const output = join(bench.scratch, 'parsed');
    const startedAt = performance.now();
    await loadCsv({ path, selection: SELECTION, limits, output }, () => undefined);
    const seconds = (performance.now() - startedAt) / 1000;
    await rm(output);
    return seconds;
  }

  const parsing: number[] = [];
  const comparison = await takeTurns({
    what: 'CSV',
    rounds: bench.rounds(5),
    say: bench.say,
    ours: async () => {
      parsing.push(await parsingAlone());
      return loadStep();
    },
    other: async () => (await reference.ask({ op: 'read_csv', path })) as Loaded,
    agree: (ours, other) => agreeOn('hash of the values', ours.sha256, other.sha256),
  });
  const row = timeRow('CSV, 1 000 000 x 20: the load step, pandas.read_csv', comparison, 2);
  const alone = inSeconds(spread(parsing.slice(1)));
  return [{ ...row, ours: `${row.ours}; parsing and writing alone ${alone}` }];
}

async function featureHash(datasetPath: string): Promise<string> {
  const file = await openArrayFile(datasetPath);
  try {
    return createHash('sha256')
      .update(await file.float64('x'))
      .digest('hex');
  } finally {
    await file.close();
  }
}
