import { join } from 'node:path';

import type { DatasetRef, SplitRef } from '../schemas/dataset.ts';
import type { EvaluationRef, ModelRef } from '../schemas/experiment.ts';
import { testBytes } from './compute/memory-estimates.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';

export interface EvaluateInput {
  readonly dataset: DatasetRef;
  readonly split: SplitRef;
  readonly model: ModelRef;
}

/** evaluate: predicts the test rows and measures the predictions. */
export function createEvaluateModel({ blobs, compute }: ActivityDependencies) {
  return async ({ dataset, split, model }: EvaluateInput): Promise<EvaluationRef> => {
    const { signal, spend, workflowId } = stepContext();
    return blobs.withScratch((scratch) =>
      blobs.withFile(dataset.blob, (datasetPath) =>
        blobs.withFile(split.blob, (splitPath) =>
          blobs.withFile(model.blob, async (modelPath) => {
            const output = join(scratch, 'predictions');
            const { metrics } = await compute.run(
              'evaluate',
              { datasetPath, splitPath, modelPath, output },
              { signal, memoryBytes: testBytes(dataset, split, model), onSpent: spend },
            );
            const predictions = await blobs.putFile(`runs/${workflowId}/predictions`, output);
            return { predictions, metrics };
          }),
        ),
      ),
    );
  };
}
