import { join } from 'node:path';

import { writeDemoData } from '../examples/demo-data.ts';
import type { Bench } from './bench.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** The mission document's train.csv request, warm. */
export async function measureLatency(bench: Bench): Promise<Row[]> {
  await writeDemoData(bench.dataRoot);
  const product = await bench.product();
  const baseline = await bench.baseline();
  const source = {
    kind: 'file',
    path: 'train.csv',
    format: 'csv',
    features: ['f1', 'f2', 'f3'],
    target: 'label',
  };
  const absolute = { ...source, path: join(bench.dataRoot, source.path) };
  const comparison = await takeTurns({
    what: 'train.csv through /invoke',
    rounds: bench.rounds(15),
    say: bench.say,
    ours: () => product.run({ experiment_name: 'bench', source }),
    other: () => baseline.run({ experiment_name: 'bench-python', source: absolute }),
    agree: (ours, other) =>
      ['accuracy', 'f1_weighted'].forEach((name) => {
        agreeOn(name, ours.metrics[name], other.metrics[name], 1e-12);
      }),
  });
  bench.say(`  steps of the last run: ${await product.steps(comparison.lastOurs.workflowId)}`);
  return [timeRow('train.csv (400 x 3) through /invoke, Python baseline', comparison, 0.125)];
}
