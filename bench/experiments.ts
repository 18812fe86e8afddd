import { readFile } from 'node:fs/promises';

import type { InlineRecord } from '../schemas/source.ts';
import type { Bench } from './bench.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';
import { TEXT_TOLERANCE } from './text.ts';

const DOCUMENTS = 50_000;

interface Case {
  readonly what: string;
  readonly source: object;
  readonly bar: number;
  readonly rounds: number;
  readonly tolerance: number;
}

/** Whole experiments through /invoke, in turn with the Python baseline. */
export async function measureExperiments(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const format of ['csv', 'parquet'] as const) {
    const path = await bench.data(`rows-1m.${format}`);
    const name = format === 'csv' ? 'CSV' : 'Parquet';
    rows.push(
      await compare(bench, {
        what: `whole experiment through /invoke, 1 000 000 x 20 ${name}, Python baseline`,
        source: { kind: 'file', path, format, target: 'label' },
        ...{ bar: 0.5, rounds: 3, tolerance: 1e-12 },
      }),
    );
  }
  const texts = await readFile(await bench.data('texts.json'), 'utf8');
  const records = (JSON.parse(texts) as InlineRecord[]).slice(0, DOCUMENTS);
  rows.push(
    await compare(bench, {
      what: 'whole experiment through /invoke, 50 000 inline texts, Python baseline',
      source: { kind: 'inline', records },
      ...{ bar: 0.25, rounds: 3, tolerance: TEXT_TOLERANCE },
    }),
  );
  return rows;
}

async function compare(bench: Bench, { what, source, bar, rounds, tolerance }: Case): Promise<Row> {
  const product = await bench.product();
  const baseline = await bench.baseline();
  const comparison = await takeTurns({
    what,
    rounds: bench.rounds(rounds),
    say: bench.say,
    ours: () => product.run({ experiment_name: 'bench', source }),
    other: () => baseline.run({ experiment_name: 'bench-python', source }),
    agree: (ours, other) =>
      ['accuracy', 'f1_weighted'].forEach((name) => {
        agreeOn(name, ours.metrics[name], other.metrics[name], tolerance);
      }),
  });
  bench.say(`  steps of the last run: ${await product.steps(comparison.lastOurs.workflowId)}`);
  return timeRow(what, comparison, bar);
}
