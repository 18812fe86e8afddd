import { join } from 'node:path';

import pLimit from 'p-limit';

import { writeDemoData } from '../examples/demo-data.ts';
import type { Bench } from './bench.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** Experiments of a round, and of the Python process, which does one after another. */
const EXPERIMENTS = 64;
const IN_PYTHON = 4;
/** Clients that each start an experiment when their last one has ended. */
const CLIENTS = 16;

/** Seconds an experiment of 400 rows takes when there is no end of them. */
export async function measureThroughput(bench: Bench): Promise<Row[]> {
  await writeDemoData(bench.dataRoot);
  const product = await bench.product();
  const baseline = await bench.baseline();
  const source = { kind: 'file', path: 'train.csv', format: 'csv', target: 'label' };
  const absolute = { ...source, path: join(bench.dataRoot, source.path) };
  const comparison = await takeTurns({
    what: 'seconds an experiment under load',
    rounds: bench.rounds(3),
    say: bench.say,
    async ours() {
      const startedAt = performance.now();
      const oneOfThem = pLimit(CLIENTS);
      const [first] = await Promise.all(
        Array.from({ length: EXPERIMENTS }, () =>
          oneOfThem(() => product.run({ experiment_name: 'bench', source })),
        ),
      );
      const seconds = (performance.now() - startedAt) / 1000 / EXPERIMENTS;
      return { seconds, metrics: first?.metrics };
    },
    async other() {
      let sum = 0;
      let metrics;
      for (let i = 0; i < IN_PYTHON; i++) {
        const run = await baseline.run({ experiment_name: 'bench-python', source: absolute });
        sum += run.seconds;
        metrics = run.metrics;
      }
      return { seconds: sum / IN_PYTHON, metrics };
    },
    agree: (ours, other) =>
      agreeOn('accuracy', ours.metrics?.['accuracy'], other.metrics?.['accuracy'], 1e-12),
  });
  return [
    timeRow(
      `train.csv (400 x 3), ${CLIENTS} clients at once, seconds an experiment, Python baseline`,
      comparison,
      0.1,
    ),
  ];
}
