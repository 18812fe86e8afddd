import { randomUUID } from 'node:crypto';

import type { Bench } from './bench.ts';
import { needRoom } from './data.ts';
import { watchMemory } from './memory.ts';
import { judged, timeRow, type Row } from './results.ts';
import { agreeOn, spread } from './side-by-side.ts';

/** The private copy, the dataset and what is written of the predictions. */
const STATE_BYTES = 6e9;
const MATRIX_BYTES = 10_000_000 * 20 * 8;
const MEMORY_BAR_BYTES = 12 * 2 ** 30;
/** Ten times the rows in about ten times the time. */
const TIME_BAR = 12;

/** 10 000 000 x 20 Parquet through /invoke: its time against a tenth of the rows, and its memory. */
export async function measureBigFile(bench: Bench): Promise<Row[]> {
  const small = await bench.data('rows-1m.parquet');
  const big = await bench.data('rows-10m.parquet');
  await needRoom(bench.scratch, STATE_BYTES);
  const product = await bench.product();
  const run = (path: string) =>
    product.run({
      experiment_name: 'bench',
      source: { kind: 'file', path, format: 'parquet', target: 'label' },
      idempotency_key: randomUUID(),
    });
  await run(small);
  const before = await run(small);
  const peakOf = watchMemory(product.pid);
  const ours = await run(big).finally(peakOf);
  const { bytes, nodeBytes } = peakOf();
  const after = await run(small);
  // Ten times the rows of the same rule.
  agreeOn('accuracy', ours.metrics['accuracy'], after.metrics['accuracy'], 0.005);
  bench.say(`10 000 000 rows: ${ours.seconds.toFixed(1)} s, ${JSON.stringify(ours.metrics)}`);
  bench.say(`  steps: ${await product.steps(ours.workflowId)}`);
  bench.say(`  steps of 1 000 000 rows: ${await product.steps(after.workflowId)}`);
  const times = {
    rounds: 1,
    ours: spread([ours.seconds]),
    other: spread([before.seconds, after.seconds]),
    ...{ lastOurs: ours, lastOther: after },
  };
  return [
    {
      ...timeRow(
        '10 000 000 x 20 Parquet through /invoke, 1 000 000 x 20 likewise',
        times,
        TIME_BAR,
      ),
      bar: 'about 10x',
    },
    {
      what: '10 000 000 x 20 Parquet through /invoke: peak memory of all processes, 12 GiB',
      rounds: 1,
      ours: `${gib(bytes)}; without Temporal and MLflow ${gib(nodeBytes)}, ${(nodeBytes / MATRIX_BYTES).toFixed(1)} times the matrix`,
      other: gib(MEMORY_BAR_BYTES),
      ...judged(bytes / MEMORY_BAR_BYTES, 1),
    },
  ];
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
