import {
  CancellationScope,
  CancelledFailure,
  condition,
  defineSignal,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import type {
  CloseInput,
  ExperimentInput,
  ExperimentResult,
  OpenedRun,
  Origin,
  ReopenInput,
} from '../schemas/experiment.ts';
import { RETRIED } from '../schemas/names.ts';
import { failureDetails, workflowFailure } from './failures.ts';
import {
  closeRun,
  evaluateModel,
  findReusableRun,
  loadDataset,
  logRun,
  openRun,
  registerModel,
  reopenRun,
  splitDataset,
  trainModel,
  validateSource,
} from './steps.ts';
import { withinTime, type Begin } from './time-limit.ts';

const retriedSignal = defineSignal(RETRIED);
const DEFAULT_TIMEOUT_SECONDS = 86_400;

/**
 * Validates, loads, splits, trains, evaluates and logs, unless a finished run can be used again; then
 * registers the model if asked to. An MLflow run that was opened is always closed.
 */
export async function runExperiment(request: ExperimentInput): Promise<ExperimentResult> {
  let opening = false;
  let opened: OpenedRun | null = null;

  let reopening: Promise<void> | undefined;
  let closing = false;
  const reopen = async (): Promise<void> => {
    await condition(() => opened !== null);
    if (!opened || closing) return;
    const before = reopening;
    reopening = reopened({ request, run: opened }).then(() => before);
  };
  setHandler(retriedSignal, () => void reopen());

  const steps = async (begin: Begin): Promise<ExperimentResult> => {
    const validated = await begin(validateSource, request);
    const known = request.reuse ? await begin(findReusableRun, { request, validated }) : null;
    if (known?.origin) return reused(begin, request, known.origin);
    opening = true;
    const run = await begin(openRun, { request, reset: isReset() });
    opened = run;
    const dataset = known?.dataset ?? (await begin(loadDataset, request));
    const split = await begin(splitDataset, { dataset, params: request.params });
    const model = await begin(trainModel, {
      dataset,
      split,
      kind: request.model,
      params: request.params,
    });
    const evaluation = await begin(evaluateModel, { dataset, split, model });
    const results = { run, validated, dataset, split, model, evaluation };
    const logged = await begin(logRun, { request, reset: isReset(), ...results });
    const result = {
      runId: run.runId,
      experimentId: run.experimentId,
      metrics: evaluation.metrics,
      warnings: [...split.warnings, ...model.warnings, ...(logged.warnings ?? [])],
      ...(logged.model && { modelId: logged.model.modelId }),
    };
    return { ...result, ...(await registered(begin, request, result)) };
  };
  const close = async (ending: Pick<CloseInput, 'status' | 'failure'>): Promise<void> => {
    closing = true;
    await reopening;
    if (opening) await closeRun({ request, run: opened, reset: isReset(), ...ending });
  };

  let result: ExperimentResult;
  try {
    const seconds = request.limits.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS;
    result = await withinTime(seconds * 1000, steps);
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled;
    const failure = failureDetails(error, isCancellation(error) && !cancelled);
    await CancellationScope.nonCancellable(() =>
      close({ status: cancelled ? 'KILLED' : 'FAILED', failure }),
    ).catch((reason: unknown) => {
      // The run's own failure says more than that MLflow could not be told of it.
      log.warn('the MLflow run could not be closed', { reason });
    });
    throw cancelled
      ? new CancelledFailure('The run was cancelled.')
      : workflowFailure(failure, error);
  }
  await CancellationScope.nonCancellable(() => close({ status: 'FINISHED', failure: null }));
  return result;
}

/** A retry finds the MLflow run as it was closed; it shall be RUNNING while the steps go on. */
async function reopened(input: ReopenInput): Promise<void> {
  try {
    await reopenRun(input);
  } catch (error) {
    // At the end the run gets its status in any case.
    log.warn('the MLflow run could not be reopened', { error });
  }
}

async function reused(
  begin: Begin,
  request: ExperimentInput,
  origin: Origin,
): Promise<ExperimentResult> {
  return { ...origin, reused: true, ...(await registered(begin, request, origin)) };
}

async function registered(
  begin: Begin,
  request: ExperimentInput,
  { runId, modelId, metrics }: Pick<ExperimentResult, 'runId' | 'modelId' | 'metrics'>,
): Promise<Pick<ExperimentResult, 'registered'>> {
  const { register: registration } = request;
  if (!registration || modelId === undefined) return {};
  const { registered } = await begin(registerModel, {
    request,
    registration,
    runId,
    modelId,
    metrics,
  });
  return { registered };
}

/** True in an execution that a reset made. Changes what steps are told, never which come: replays can't tell. */
function isReset(): boolean {
  const { runId, originalExecutionRunId } = workflowInfo();
  return runId !== originalExecutionRunId;
}
