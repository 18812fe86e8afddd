import { join } from 'node:path';

import type { DatasetRef, SplitRef } from '../schemas/dataset.ts';
import type { ModelRef } from '../schemas/experiment.ts';
import type { ModelKind, Params } from '../schemas/request.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';

export interface TrainInput {
  readonly dataset: DatasetRef;
  readonly split: SplitRef;
  readonly kind: ModelKind;
  readonly params: Params;
}

/** train: fits the model on the training rows in threads of its own, telling of each iteration. */
export function createTrainModel({ blobs, compute, trainThreads }: ActivityDependencies) {
  return async ({ dataset, split, kind, params }: TrainInput): Promise<ModelRef> => {
    const { signal, report, spend, workflowId } = stepContext();
    return blobs.withScratch((scratch) =>
      blobs.withFile(dataset.blob, (datasetPath) =>
        blobs.withFile(split.blob, async (splitPath) => {
          const output = join(scratch, 'model');
          const { iterations, converged, loss, featureCount } = await compute.run(
            'fit',
            { datasetPath, splitPath, kind, params, threads: trainThreads, output },
            { signal, onProgress: report, onSpent: spend },
          );
          const blob = await blobs.putFile(`runs/${workflowId}/model`, output);
          const warnings = converged
            ? []
            : [
                `The training did not converge within max_iter ${params.max_iter}: ` +
                  'scale the features, or raise max_iter.',
              ];
          return { blob, iterations, converged, loss, featureCount, warnings };
        }),
      ),
    );
  };
}
