import { isGrpcServiceError } from '@temporalio/client';

import type { CancelAnswer, CancelRunRequest } from '../../schemas/cancel-run.ts';
import type { RunView } from '../../schemas/run-view.ts';
import { readNamedWorkflow, workflowIdOf } from './find-workflow.ts';
import type { GetRunDependencies } from './get-run.ts';
import { inClear } from './in-clear.ts';
import { currentStepInWords } from './progress.ts';
import { isGoing } from './run-join.ts';

export interface CancelOutcome {
  readonly workflowId: string;
  /** False when the run had ended before: nothing was asked then. */
  readonly asked: boolean;
}

/** gRPC: NOT_FOUND, which is also the answer for a workflow that has ended. */
const NOT_FOUND = 5;

/** Asks a run's workflow to stop; see {@link Experiments.cancel}. */
export async function cancelRun(
  deps: GetRunDependencies,
  request: CancelRunRequest,
  caller: string,
): Promise<CancelOutcome> {
  const workflowId = await workflowIdOf(deps, request);
  const record = await readNamedWorkflow(deps, request, workflowId);
  const status = record?.description.status.name;
  if (!record || !isGoing(status)) {
    return { workflowId, asked: false };
  }
  const { runId } = record.description;
  const { who, why } = inClear(deps, caller, request.reason);
  try {
    await deps.client.workflowService.requestCancelWorkflowExecution({
      namespace: deps.client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: `mlflow_cancel_run by ${who}${why === undefined ? '' : `: ${why}`}`,
      // Temporal keeps the first request only.
      requestId: `cancel-${runId}`,
      identity: who,
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== NOT_FOUND) throw error;
  }
  return { workflowId, asked: true };
}

const ENDINGS: Readonly<Record<string, CancelAnswer['status']>> = {
  RUNNING: 'RUNNING',
  PAUSED: 'RUNNING',
  COMPLETED: 'FINISHED',
  FAILED: 'FAILED',
  CANCELLED: 'KILLED',
  TERMINATED: 'KILLED',
  TIMED_OUT: 'KILLED',
};

/** How a run stands after it was asked to stop, or how it had ended before. */
export function cancelAnswer(view: RunView, { workflowId, asked }: CancelOutcome): CancelAnswer {
  const { workflow, failure } = view;
  const known = ENDINGS[workflow?.status ?? ''] ?? view.status ?? '';
  const status = endings.find((ending) => ending === known) ?? 'RUNNING';
  const message = {
    RUNNING: `The run is stopping: ${currentStepInWords(view.steps)}.`,
    KILLED: asked ? 'The run was cancelled.' : 'The run had been stopped before.',
    FINISHED: asked
      ? 'The run finished before it could be stopped.'
      : 'The run had finished before.',
    FAILED: `The run ${asked ? '' : 'had '}failed before it could be stopped${failure ? `: ${failure.code}, ${failure.message}` : '.'}`,
  }[status];
  return { run_id: view.run_id, workflow_id: workflowId, status, message, notes: [...view.notes] };
}

const endings = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED'] as const;
