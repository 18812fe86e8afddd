import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { DatasetRef, SplitRef } from '../schemas/dataset.ts';
import type { ModelRef } from '../schemas/experiment.ts';
import type { ModelKind, Params } from '../schemas/request.ts';
import { attemptTrail } from './audit/attempt-trail.ts';
import type { FitOutput } from './compute/fit-model.ts';
import { fitBytes } from './compute/memory-estimates.ts';
import type { News } from './compute/tasks.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stepContext } from './step-context.ts';
import { trainingWarnings } from './training-warnings.ts';

export interface TrainInput {
  readonly dataset: DatasetRef;
  readonly split: SplitRef;
  readonly kind: ModelKind;
  readonly params: Params;
}

/** Raise it when a fit would go on from a checkpoint otherwise than the code that wrote it. */
const CHECKPOINT_VERSION = 1;

/**
 * train: fits the model on the training rows in threads of its own, telling of each iteration. An
 * attempt that follows a dead worker's goes on from its last checkpoint, to the same bits.
 */
export function createTrainModel(deps: ActivityDependencies) {
  const { blobs } = deps;
  return async (input: TrainInput): Promise<ModelRef> => {
    const { workflowId } = stepContext();
    const { dataset, split, params } = input;
    const slot = `runs/${workflowId}/checkpoints/${hashOf(input)}`;
    return blobs.withScratch(async (scratch) => {
      const fitted = await blobs.withFile(dataset.blob, (datasetPath) =>
        blobs.withFile(split.blob, (splitPath) =>
          blobs.withReplaceable(slot, (resume) =>
            fit(deps, input, { datasetPath, splitPath, scratch, slot, resume }),
          ),
        ),
      );
      const blob = await blobs.putFile(`runs/${workflowId}/model`, join(scratch, 'model'));
      await blobs.remove(slot);
      const { iterations, converged, loss, featureCount } = fitted;
      const warnings = trainingWarnings(fitted, params, dataset);
      return { blob, iterations, converged, loss, featureCount, warnings };
    });
  };
}

/** Runs the fit in the compute pool, and stores each checkpoint that it tells of before the next. */
async function fit(
  { blobs, compute, trainThreads, checkpointSeconds, audit }: ActivityDependencies,
  { dataset, split, kind, params }: TrainInput,
  place: {
    readonly datasetPath: string;
    readonly splitPath: string;
    readonly scratch: string;
    readonly slot: string;
    readonly resume: string | null;
  },
): Promise<FitOutput> {
  const { signal, report, spend } = stepContext();
  const trail = attemptTrail(audit?.log);
  const { datasetPath, splitPath, scratch, slot, resume } = place;
  let kept: { key: string; iteration: number } | undefined;
  let storing: Promise<void> = Promise.resolve();
  const onNews = ({ message, checkpoint, resumedFrom }: News): void => {
    if (resumedFrom !== undefined)
      storing = storing.then(() => trail.checkpointResumed(resumedFrom));
    if (message !== undefined) report({ message, ...(kept && { checkpoint: kept }) });
    if (!checkpoint) return;
    const { path, iteration, sha256 } = checkpoint;
    storing = storing
      .then(() => blobs.replace(slot, path))
      .then(() => {
        kept = { key: slot, iteration };
        return trail.checkpointSaved({ iteration, sha256 });
      })
      // The fit can do without; the next one may fare better.
      .catch(() => rm(path, { force: true }));
  };
  const checkpoints = { folder: scratch, everySeconds: checkpointSeconds, resume };
  const output = join(scratch, 'model');
  try {
    return await compute.run(
      'fit',
      { datasetPath, splitPath, kind, params, threads: trainThreads, output, checkpoints },
      { signal, memoryBytes: fitBytes(dataset, split), onNews, onSpent: spend },
    );
  } finally {
    await storing;
  }
}

/** A checkpoint counts for the same data, split and params only. */
function hashOf({ dataset, split, kind, params }: TrainInput): string {
  const { C, max_iter, tol } = params;
  const deciding = [CHECKPOINT_VERSION, dataset.blob.sha256, split.blob.sha256, kind];
  return createHash('sha256')
    .update(JSON.stringify([...deciding, C, max_iter, tol]))
    .digest('hex')
    .slice(0, 32);
}
