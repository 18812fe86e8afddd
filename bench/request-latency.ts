// The mission document's train.csv request, warm, ours and the Python baseline's in turn.
import { join } from 'node:path';

import { writeDemoData } from '../examples/demo-data.ts';
import { startBaseline } from './baseline.ts';
import { startBenchProduct } from './product.ts';

const ROUNDS = Number(process.argv[2] ?? 15);
const WARM_UP = 3;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

await writeDemoData('data');
const product = await startBenchProduct();
const baseline = startBaseline(product.python, product.mlflow);
const source = {
  kind: 'file',
  path: 'train.csv',
  format: 'csv',
  features: ['f1', 'f2', 'f3'],
  target: 'label',
};
const ours: number[] = [];
const theirs: number[] = [];
for (let round = -WARM_UP; round < ROUNDS; round++) {
  const mine = await product.run({ experiment_name: 'bench', source });
  const other = await baseline.run({
    experiment_name: 'bench-python',
    source: { ...source, path: join(product.dataRoot, 'train.csv') },
  });
  if (mine.metrics['f1_weighted'] !== other.metrics['f1_weighted']) {
    throw new Error(`different metrics: ${JSON.stringify([mine.metrics, other.metrics])}`);
  }
  if (round < 0) continue;
  ours.push(mine.seconds);
  theirs.push(other.seconds);
}
baseline.stop();
await product.stop();
const [us, them] = [median(ours), median(theirs)];
console.log(`train.csv through /invoke, warm, median of ${ROUNDS}, in turn:`);
console.log(
  `  ours      ${us.toFixed(3)} s  (${Math.min(...ours).toFixed(3)} to ${Math.max(...ours).toFixed(3)})`,
);
console.log(
  `  baseline  ${them.toFixed(3)} s  (${Math.min(...theirs).toFixed(3)} to ${Math.max(...theirs).toFixed(3)})`,
);
console.log(`  ratio     1 to ${(them / us).toFixed(1)}`);
