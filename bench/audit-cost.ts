import { writeDemoData } from '../examples/demo-data.ts';
import { testPython } from '../test/support/test-environment.ts';
import type { Bench } from './bench.ts';
import { startBenchProduct, type BenchProduct } from './product.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** Experiments of a turn: one takes half a second, and a machine has its moods. */
const EXPERIMENTS = 8;
const REQUEST = {
  experiment_name: 'bench',
  source: { kind: 'file', path: 'train.csv', target: 'label' },
};

/** An experiment of 400 rows with every call and attempt recorded, and with nothing recorded. */
export async function measureAuditCost(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  await writeDemoData(bench.scratch);
  const { scratch: folder } = bench;
  const start = async (AUDIT: string): Promise<BenchProduct> =>
    startBenchProduct({
      ...{ folder, dataRoot: folder, stack, python: await testPython() },
      settings: { AUDIT },
    });
  const [on, off] = [await start('true'), await start('false')];
  const comparison = await takeTurns({
    what: 'an experiment with the audit log on, and off',
    rounds: bench.rounds(15),
    say: bench.say,
    ours: () => someExperiments(on),
    other: () => someExperiments(off),
    agree: (ours, other) => agreeOn('accuracy', ours.accuracy, other.accuracy),
  });
  return [
    timeRow('train.csv (400 x 3), one at a time, audit log on and off, seconds', comparison, 1.1),
  ];
}

/** One after another. @returns the seconds of one, and what they came to */
export async function someExperiments(
  product: BenchProduct,
): Promise<{ seconds: number; accuracy: number }> {
  const startedAt = performance.now();
  let accuracy = NaN;
  for (let i = 0; i < EXPERIMENTS; i++) {
    const { metrics } = await product.run(REQUEST);
    accuracy = metrics['accuracy'] as number;
  }
  return { seconds: (performance.now() - startedAt) / 1000 / EXPERIMENTS, accuracy };
}
