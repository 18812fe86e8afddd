import { createHash } from 'node:crypto';

import proto from '@temporalio/proto';

import type { InTurn } from '../../platform/in-turn.ts';
import { resetReason, retryIn, retryReason } from '../../platform/resets.ts';
import { likelyMeant } from '../../platform/spelling.ts';
import { Failure } from '../../schemas/failure.ts';
import { RETRIED, stepOf, STEPS } from '../../schemas/names.ts';
import type { RetryRunRequest } from '../../schemas/retry-run.ts';
import { readNamedWorkflow, workflowIdOf } from './find-workflow.ts';
import { inClear } from './in-clear.ts';
import type { GetRunDependencies } from './get-run.ts';
import { currentStepInWords } from './progress.ts';
import { resetPoints, type ResetPoint } from './reset-points.ts';
import { versionAfterReset } from './reset-version.ts';
import { isGoing } from './run-join.ts';
import type { WorkflowRecord } from './workflow-record.ts';

const { ResetReapplyExcludeType, ResetReapplyType } = proto.temporal.api.enums.v1;

export interface RetriedRun {
  readonly workflowId: string;
  readonly step: string;
  /** True when an earlier call with the same arguments made this retry. */
  readonly repeated: boolean;
}

export interface RetryRunDependencies extends GetRunDependencies {
  /** Among all servers: Temporal takes the same request id twice, and a second reset ends what the first began. */
  readonly inTurn: InTurn;
}

/** Resets the workflow of an ended run; see {@link Experiments.retry}. */
export function createRetryRun(deps: RetryRunDependencies) {
  return async (request: RetryRunRequest, caller: string): Promise<RetriedRun> => {
    const workflowId = await workflowIdOf(deps, request);
    return deps.inTurn(`retry of ${workflowId}`, async () => {
      const record = await readNamedWorkflow(deps, request, workflowId);
      if (!record) throw historyGone();
      const { runId } = record.description;
      const history = await deps.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const events = history.events ?? [];
      const requestId = requestIdOf(workflowId, request);
      const earlier = retryIn(resetReason(events) ?? '');
      if (earlier?.requestId === requestId) {
        return { workflowId, step: earlier.step, repeated: true };
      }
      const { step, resetTo } = chosenPoint(record, resetPoints(events), request.step);
      const { who, why = '' } = inClear(deps, caller, request.reason);
      const execution = await deps.client.workflowService.resetWorkflowExecution({
        namespace: deps.client.options.namespace,
        workflowExecution: { workflowId, runId },
        reason: retryReason({ who, why, step, requestId }),
        requestId,
        identity: who,
        workflowTaskFinishEventId: resetTo,
        resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
        // Otherwise a cancelled run would be cancelled again at once.
        resetReapplyExcludeTypes: [
          ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_CANCEL_REQUEST,
        ],
        postResetOperations: await versionAfterReset(deps.client, record),
      });
      // Without it MLflow shows the former end until the new one, no more.
      const signal = deps.client.workflow.getHandle(workflowId, execution.runId).signal(RETRIED);
      await signal.catch(() => undefined);
      return { workflowId, step, repeated: false };
    });
  };
}

/** The same for the same arguments, whoever sends them. */
function requestIdOf(workflowId: string, { step, reason }: RetryRunRequest): string {
  const meaning = JSON.stringify([workflowId, step ?? null, reason]);
  return createHash('sha256').update(meaning).digest('hex').slice(0, 12);
}

function chosenPoint(
  record: WorkflowRecord,
  points: readonly ResetPoint[],
  wanted: string | undefined,
): ResetPoint {
  const { description, steps, opened } = record;
  const status = description.status.name;
  if (isGoing(status)) {
    throw new Failure(
      'RUN_STILL_RUNNING',
      `The run is still going: ${currentStepInWords(steps)}.`,
      'Wait for its end with mlflow_get_run, or end it with mlflow_cancel_run first.',
    );
  }
  const last = points.at(-1);
  if (!last) {
    throw new Failure(
      'RUN_NOT_RETRYABLE',
      'The run ended before its first step.',
      'Start it anew with mlflow_run_experiment, under another idempotency_key.',
    );
  }
  const names = points.map(({ step }) => step).join(', ');
  if (status === 'COMPLETED') {
    if (!steps.some(({ step, status: state }) => step === 'log' && state === 'COMPLETED')) {
      throw new Failure(
        'RUN_NOT_RETRYABLE',
        `This run used the results of run ${opened?.runId ?? 'another'} again and has none of its own.`,
        'Retry that run, or start a new one without reuse.',
      );
    }
    if (wanted === undefined) {
      throw new Failure(
        'RUN_NOT_RETRYABLE',
        'The run has FINISHED.',
        `Name the step to do it again from: ${names}.`,
      );
    }
  }
  return wanted === undefined ? last : namedPoint(points, wanted, names);
}

function namedPoint(points: readonly ResetPoint[], wanted: string, names: string): ResetPoint {
  const name = stepOf(wanted) ?? wanted;
  const point = points.find(({ step }) => step === name);
  if (point) return point;
  const known = name in STEPS;
  const [close] = likelyMeant(name, Object.keys(STEPS));
  throw new Failure(
    'UNKNOWN_STEP',
    known ? `This run can’t be done again from its step ${name}.` : 'A run has no such step.',
    `${known || close === undefined ? '' : `Did you mean ${close}? `}Steps to choose from: ${names}.`,
  );
}

function historyGone(): Failure {
  return new Failure(
    'RUN_NOT_RETRYABLE',
    'Temporal no longer holds the history of this run: its retention is over.',
    'Start it anew with mlflow_run_experiment.',
  );
}
