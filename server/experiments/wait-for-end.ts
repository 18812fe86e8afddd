import { isGrpcCancelledError, WorkflowFailedError, type Client } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';

import type { ExperimentResult } from '../../schemas/experiment.ts';
import { Failure, type FailureDetails } from '../../schemas/failure.ts';
import type { RunAnswer } from '../../schemas/run-view.ts';
import type { runExperiment } from '../../workflows/index.ts';
import { RunFailedError, type Progress } from '../tools/tool.ts';
import type { WaitOptions } from './experiments.ts';
import type { RunLinks } from '../../platform/run-links.ts';
import { looksAt } from './looks.ts';
import { createProgressTeller } from './progress.ts';
import type { Tenancy } from './tenancy.ts';
import { failureOf, readWorkflow } from './workflow-record.ts';

export interface WaitDependencies {
  readonly client: Client;
  readonly links: RunLinks;
  readonly tenancy: Tenancy;
}

/** Waits for a workflow's end; see {@link Experiments.wait}. */
export async function waitForEnd(
  deps: WaitDependencies,
  workflowId: string,
  options: WaitOptions,
): Promise<RunAnswer> {
  const { links, tenancy } = deps;
  const result = await resultWithin(deps, workflowId, options);
  if (result) return finished(links, workflowId, withOwnName(result, tenancy));
  const record = await readWorkflow(deps, workflowId);
  const opened = record?.opened;
  return {
    run_id: opened?.runId ?? null,
    experiment_id: opened?.experimentId ?? null,
    status: 'RUNNING',
    metrics: {},
    workflow_id: workflowId,
    warnings: [],
    links: links.of(workflowId, opened),
  };
}

/** The workflow's result, or undefined when the time was over first. @throws RunFailedError */
async function resultWithin(
  deps: WaitDependencies,
  workflowId: string,
  options: WaitOptions,
): Promise<ExperimentResult | undefined> {
  const { client } = deps;
  const patience = new AbortController();
  const signal = AbortSignal.any([
    options.signal,
    patience.signal,
    AbortSignal.timeout(Math.round(options.seconds * 1000)),
  ]);
  // The client would only hear of an abort that is still to come.
  if (signal.aborted) return undefined;
  if (options.onProgress) void follow(client, workflowId, options.onProgress, signal);
  try {
    return await client.withAbortSignal(signal, () =>
      client.workflow.getHandle<typeof runExperiment>(workflowId).result(),
    );
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw await runFailed(deps, workflowId, error.cause);
    if (signal.aborted || isGrpcCancelledError(error)) return undefined;
    throw error;
  } finally {
    patience.abort();
  }
}

/** MLflow knows a tenant's model by a longer name. */
function withOwnName(result: ExperimentResult, tenancy: Tenancy): ExperimentResult {
  const { registered } = result;
  if (!registered) return result;
  const name = tenancy.shown(registered.model_name) ?? registered.model_name;
  return { ...result, registered: { ...registered, model_name: name } };
}

async function follow(
  client: Client,
  workflowId: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const teller = createProgressTeller(tell);
  for await (const look of looksAt(client, workflowId, signal)) teller(look);
}

function finished(links: RunLinks, workflowId: string, result: ExperimentResult): RunAnswer {
  return {
    run_id: result.runId,
    experiment_id: result.experimentId,
    status: 'FINISHED',
    metrics: result.metrics,
    workflow_id: workflowId,
    warnings: [...result.warnings],
    ...(result.modelId !== undefined && { model_id: result.modelId }),
    ...(result.reused && { reused: true }),
    ...(result.registered && { registered: result.registered }),
    links: links.of(workflowId, result),
  };
}

async function runFailed(
  deps: WaitDependencies,
  workflowId: string,
  cause: unknown,
): Promise<RunFailedError> {
  const record = await readWorkflow(deps, workflowId);
  const { code, step, message, hint } = endedBy(cause);
  return new RunFailedError(new Failure(code, message, hint), {
    step,
    runId: record?.opened?.runId ?? null,
    workflowId,
  });
}

/** Why a workflow ended without a result. */
export function endedBy(cause: unknown): FailureDetails {
  const stopped = (message: string): FailureDetails => ({
    code: 'CANCELLED',
    step: null,
    message,
    hint: 'Start it again if it was a mistake.',
  });
  if (cause instanceof CancelledFailure) return stopped('The run was cancelled.');
  if (cause instanceof TerminatedFailure) return stopped('The run was terminated in Temporal.');
  if (cause instanceof TimeoutFailure) return stopped('The run was timed out by Temporal.');
  return failureOf(cause);
}
