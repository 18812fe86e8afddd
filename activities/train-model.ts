import { join } from 'node:path';

import type { DatasetRef, SplitRef } from '../schemas/dataset.ts';
import type { ModelRef } from '../schemas/experiment.ts';
import type { ModelKind, Params } from '../schemas/request.ts';
import type { Tasks } from './compute/tasks.ts';
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
          const fitted = await compute.run(
            'fit',
            { datasetPath, splitPath, kind, params, threads: trainThreads, output },
            { signal, onProgress: report, onSpent: spend },
          );
          const blob = await blobs.putFile(`runs/${workflowId}/model`, output);
          const { iterations, converged, loss, featureCount } = fitted;
          const warnings = trainingWarnings(fitted, params, dataset);
          return { blob, iterations, converged, loss, featureCount, warnings };
        }),
      ),
    );
  };
}

/** What the caller should know of a training that ended otherwise than it should. */
function trainingWarnings(
  { status, iterations, unseenClasses }: Tasks['fit']['output'],
  { max_iter, test_size }: Params,
  { classCount }: DatasetRef,
): string[] {
  return [
    ...(status === 'iteration-limit' || status === 'evaluation-limit'
      ? [
          `The training did not converge within max_iter ${max_iter}: ` +
            'scale the features, or raise max_iter.',
        ]
      : []),
    ...(status === 'line-search-failed'
      ? [
          `The training did not converge: after ${iterations} iterations no step improves it. ` +
            'Scale the features.',
        ]
      : []),
    ...(unseenClasses > 0
      ? [
          `${unseenClasses} of ${classCount} classes have no row in the training set and are never ` +
            `predicted: add rows of them, or lower test_size ${test_size}.`,
        ]
      : []),
  ];
}
