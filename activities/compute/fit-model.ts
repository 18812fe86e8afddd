import { join } from 'node:path';

import type { LbfgsState } from '../../learning/lbfgs/state.ts';
import type { FitResult, Progress } from '../../learning/logistic-regression/fit.ts';
import { MODELS } from '../../learning/models.ts';
import type { ModelKind, Params } from '../../schemas/request.ts';
import { writeModelFile } from '../model-file.ts';
import { createCheckpointClock, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { readRows, readSplit } from './dataset-rows.ts';
import type { Tell } from './tasks.ts';

export interface FitInput {
  readonly datasetPath: string;
  readonly splitPath: string;
  readonly kind: ModelKind;
  readonly params: Params;
  /** Threads that may work on it. */
  readonly threads: number;
  readonly output: string;
  readonly checkpoints: {
    /** A folder for them, of this attempt's own. */
    readonly folder: string;
    readonly everySeconds: number;
    /** The file of an earlier attempt's. */
    readonly resume: string | null;
  };
}

export type FitOutput = Pick<
  FitResult,
  'iterations' | 'converged' | 'loss' | 'helperSeconds' | 'status' | 'unseenClasses'
> & { readonly featureCount: number };

/** Fits a model on the training rows, from an earlier attempt's checkpoint if there is one. */
export async function fitModel(input: FitInput, tell: Tell): Promise<FitOutput> {
  const { kind, checkpoints } = input;
  tell({ message: 'reading the training rows' });
  const rows = await readRows(input.datasetPath, await readSplit(input.splitPath, 'train'));
  const target = { codes: rows.codes, classCount: rows.meta.labels.length };
  const { C, max_iter, tol } = input.params;
  const resumed = checkpoints.resume === null ? undefined : readCheckpoint(checkpoints.resume);
  if (resumed) tell({ resumedFrom: resumed.sha256 });
  const losses = [...(resumed?.losses ?? [])];
  const clock = createCheckpointClock(checkpoints.everySeconds);

  const onIteration = ({ iteration, loss }: Progress, state: LbfgsState): void => {
    losses.push(loss);
    tell({ message: `iteration ${iteration}, loss ${loss.toPrecision(4)}` });
    if (!clock.isDue()) return;
    const startedAt = performance.now();
    const path = join(checkpoints.folder, `checkpoint-${iteration}`);
    const sha256 = writeCheckpoint(path, { state, losses });
    clock.written(performance.now() - startedAt);
    if (sha256 !== undefined) tell({ checkpoint: { path, iteration, sha256 } });
  };
  // The dataset's task and the model's kind agree: both come from the request's model.
  const { model, fit } = MODELS[kind].fit(rows.input as never, target, {
    params: { C, max_iter, tol },
    threads: input.threads,
    onIteration,
    ...(resumed && { resume: resumed.state }),
  });
  await writeModelFile(input.output, { model, losses: Float64Array.from(losses) }, rows.meta);
  const { iterations, converged, loss, helperSeconds, status, unseenClasses } = fit;
  return {
    ...{ iterations, converged, loss, helperSeconds, status, unseenClasses },
    featureCount: model.linear.featureCount,
  };
}
