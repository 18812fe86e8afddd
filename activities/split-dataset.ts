import { join } from 'node:path';

import type { DatasetRef, SplitRef } from '../schemas/dataset.ts';
import type { Params } from '../schemas/request.ts';
import { splitBytes } from './compute/memory-estimates.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';

export interface SplitInput {
  readonly dataset: DatasetRef;
  readonly params: Params;
}

/** split: stratified train and test rows, as row numbers. */
export function createSplitDataset({ blobs, compute }: ActivityDependencies) {
  return async ({ dataset, params }: SplitInput): Promise<SplitRef> => {
    const { signal, spend, workflowId } = stepContext();
    return blobs.withScratch((scratch) =>
      blobs.withFile(dataset.blob, async (datasetPath) => {
        const output = join(scratch, 'split');
        const { trainRows, testRows, grown } = await compute.run(
          'split',
          {
            datasetPath,
            classCount: dataset.classCount,
            testSize: params.test_size,
            seed: params.seed,
            output,
          },
          { signal, memoryBytes: splitBytes(dataset), onSpent: spend },
        );
        const blob = await blobs.putFile(`runs/${workflowId}/split`, output);
        const warnings = grown ? [grownTestSet(testRows, params, dataset)] : [];
        return { blob, trainRows, testRows, warnings };
      }),
    );
  };
}

/** The warning for a test set that the fraction alone would have made too small. */
export function grownTestSet(
  testRows: number,
  { test_size: fraction }: Pick<Params, 'test_size'>,
  { rows }: Pick<DatasetRef, 'rows'>,
): string {
  return (
    `The test set was grown to ${testRows} rows, one for each class: ` +
    `test_size ${fraction} of ${rows} rows would be fewer than the classes.`
  );
}
