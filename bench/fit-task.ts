import { mkdtemp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { createComputePool } from '../activities/compute/compute-pool.ts';
import { createMemoryBudget, standardMemoryBytes } from '../activities/compute/memory-budget.ts';
import type { Selection } from '../schemas/dataset.ts';
import { paramsSchema, type ModelKind } from '../schemas/request.ts';
import type { StoredSource } from '../schemas/source.ts';
import type { Bench } from './bench.ts';

/** What scikit-learn's side and ours are compared by. */
export interface Fitted {
  readonly seconds: number;
  /** On the test rows. */
  readonly accuracy: number;
}

/** The train step's task on a loaded and split dataset. */
export interface FitTask {
  readonly datasetPath: string;
  readonly splitPath: string;
  /** One fit as the product does it: from the stored dataset to the stored model. */
  run(): Promise<Fitted>;
}

export interface FitCase {
  readonly source: StoredSource;
  readonly selection: Selection;
  readonly kind: ModelKind;
}

/** Loads and splits a source with the product's own steps, and hands over its fit. */
export async function withFitTask<T>(
  bench: Bench,
  { source, selection, kind }: FitCase,
  use: (task: FitTask) => Promise<T>,
): Promise<T> {
  const { blobs, ...step } = await bench.loadStep();
  const { blob, classCount } = await step.load(source, selection);
  const folder = await mkdtemp(join(bench.scratch, 'fit-'));
  const splitPath = join(folder, 'split');
  const params = paramsSchema.parse({});
  const { signal } = bench;
  const threads = availableParallelism();
  const compute = createComputePool(threads, createMemoryBudget(standardMemoryBytes()));
  let fits = 0;
  try {
    return await blobs.withFile(blob, async (datasetPath) => {
      const { seed, test_size: testSize } = params;
      const split = { datasetPath, classCount, testSize, seed, output: splitPath };
      await compute.run('split', split, { signal, memoryBytes: 0 });
      return use({
        datasetPath,
        splitPath,
        async run() {
          const output = join(folder, `model-${fits++}`);
          const checkpoints = { folder, everySeconds: 5, resume: null };
          const input = { datasetPath, splitPath, kind, params, threads, output, checkpoints };
          const startedAt = performance.now();
          await compute.run('fit', input, { signal, memoryBytes: 0 });
          const seconds = (performance.now() - startedAt) / 1000;
          const predictions = { datasetPath, splitPath, modelPath: output };
          const { metrics } = await compute.run(
            'evaluate',
            { ...predictions, output: `${output}-predictions` },
            { signal, memoryBytes: 0 },
          );
          return { seconds, accuracy: metrics['accuracy'] ?? NaN };
        },
      });
    });
  } finally {
    await compute.close();
  }
}
