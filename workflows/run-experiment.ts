import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow';

import type {
  CloseInput,
  ExperimentInput,
  ExperimentResult,
  OpenedRun,
  Origin,
} from '../schemas/experiment.ts';
import { failureDetails, workflowFailure } from './failures.ts';
import {
  closeRun,
  evaluateModel,
  findReusableRun,
  loadDataset,
  logRun,
  openRun,
  registerModel,
  splitDataset,
  trainModel,
  validateSource,
} from './steps.ts';

const DEFAULT_TIMEOUT_SECONDS = 86_400;

/**
 * Validates, loads, splits, trains, evaluates and logs, unless a finished run can be used again; then
 * registers the model if asked to. An MLflow run that was opened is always closed.
 */
export async function runExperiment(request: ExperimentInput): Promise<ExperimentResult> {
  let opening = false;
  let opened: OpenedRun | null = null;

  const steps = async (): Promise<ExperimentResult> => {
    const validated = await validateSource(request);
    const known = request.reuse ? await findReusableRun({ request, validated }) : null;
    if (known?.origin) return reused(request, known.origin);
    opening = true;
    const run = await openRun({ request, reset: isReset() });
    opened = run;
    const dataset = known?.dataset ?? (await loadDataset(request));
    const split = await splitDataset({ dataset, params: request.params });
    const model = await trainModel({ dataset, split, kind: request.model, params: request.params });
    const evaluation = await evaluateModel({ dataset, split, model });
    const steps = { run, validated, dataset, split, model, evaluation };
    const logged = await logRun({ request, reset: isReset(), ...steps });
    const result = {
      runId: run.runId,
      experimentId: run.experimentId,
      metrics: evaluation.metrics,
      warnings: [...split.warnings, ...model.warnings, ...(logged.warnings ?? [])],
      ...(logged.model && { modelId: logged.model.modelId }),
    };
    return { ...result, ...(await registered(request, result)) };
  };
  const close = async (ending: Pick<CloseInput, 'status' | 'failure'>): Promise<void> => {
    if (opening) await closeRun({ request, run: opened, reset: isReset(), ...ending });
  };

  let result: ExperimentResult;
  try {
    result = await withinTime(request.limits.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS, steps);
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

async function reused(request: ExperimentInput, origin: Origin): Promise<ExperimentResult> {
  return { ...origin, reused: true, ...(await registered(request, origin)) };
}

async function registered(
  request: ExperimentInput,
  { runId, modelId, metrics }: Pick<ExperimentResult, 'runId' | 'modelId' | 'metrics'>,
): Promise<Pick<ExperimentResult, 'registered'>> {
  const { register: registration } = request;
  if (!registration || modelId === undefined) return {};
  const { registered } = await registerModel({ request, registration, runId, modelId, metrics });
  return { registered };
}

function withinTime<T>(seconds: number, steps: () => Promise<T>): Promise<T> {
  return CancellationScope.withTimeout(seconds * 1000, steps);
}

function isReset(): boolean {
  const { runId, originalExecutionRunId } = workflowInfo();
  return runId !== originalExecutionRunId;
}
