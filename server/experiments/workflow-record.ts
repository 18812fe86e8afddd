import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';

import type { OpenedRun, ReuseAnswer } from '../../schemas/experiment.ts';
import { FAILURES, type FailureCode, type FailureDetails } from '../../schemas/failure.ts';
import { EXPERIMENT_WORKFLOW, STEPS } from '../../schemas/names.ts';
import type { StepView } from '../../schemas/run-view.ts';
import type { Decoder } from './history-values.ts';
import type { Tenancy } from './tenancy.ts';
import { activityResult, stepTimeline } from './step-timeline.ts';

/** Temporal's side of a run: its description, its steps, and the MLflow run that it opened or used again. */
export interface WorkflowRecord {
  readonly description: WorkflowExecutionDescription;
  readonly steps: readonly StepView[];
  readonly opened: Pick<OpenedRun, 'runId' | 'experimentId'> | undefined;
  /** Why it failed, when it did. */
  readonly failure: FailureDetails | null;
}

export interface ReadWorkflowDependencies {
  readonly client: Client;
  readonly tenancy: Pick<Tenancy, 'ownsWorkflow'>;
}

/** Reads a workflow's description and history; undefined when Temporal knows none of the tenant's by that id. */
export async function readWorkflow(
  { client, tenancy }: ReadWorkflowDependencies,
  workflowId: string,
): Promise<WorkflowRecord | undefined> {
  const latest = client.workflow.getHandle(workflowId);
  let description: WorkflowExecutionDescription;
  try {
    description = await latest.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
  if (description.type !== EXPERIMENT_WORKFLOW || !tenancy.ownsWorkflow(description.memo)) {
    return undefined;
  }
  // Pinned to the described run, so that a reset in between does not mix two histories.
  const history = await client.workflow.getHandle(workflowId, description.runId).fetchHistory();
  const events = history.events ?? [];
  const decoder = createDecoder(client);
  const pending = description.raw.pendingActivities ?? [];
  return {
    description,
    steps: await stepTimeline(events, pending, decoder),
    opened:
      ((await activityResult(events, STEPS.open, decoder)) as OpenedRun | undefined) ??
      ((await activityResult(events, STEPS.reuse, decoder)) as ReuseAnswer | undefined)?.origin ??
      undefined,
    failure: await closingFailure(events, decoder),
  };
}

async function closingFailure(
  events: readonly temporal.api.history.v1.IHistoryEvent[],
  decoder: Decoder,
): Promise<FailureDetails | null> {
  const failure = events.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  return failure ? decoder.failure(failure) : null;
}

/** Reads payloads and failures with the client's own data converter. */
export function createDecoder(client: Client): Decoder {
  const converter = client.options.loadedDataConverter;
  return {
    async payload(payloads) {
      if (!payloads?.payloads?.length) return undefined;
      return decodeFromPayloadsAtIndex(converter, 0, payloads.payloads);
    },
    async failure(failure) {
      return failureOf(await decodeOptionalFailureToOptionalError(converter, failure));
    },
  };
}

/** A decoded error as our failure: the details that the worker put there, or what can be said without. */
export function failureOf(error: unknown): FailureDetails {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && (cause.type ?? '') in FAILURES) {
      const details = cause.details?.[0] as Partial<FailureDetails> | undefined;
      return {
        code: cause.type as FailureCode,
        step: details?.step ?? null,
        message: cause.message,
        hint: details?.hint ?? '',
      };
    }
    if (cause instanceof TimeoutFailure) {
      return {
        code: 'STEP_TIMEOUT',
        step: null,
        message: 'No answer from the worker in time.',
        hint: 'It is tried again by itself; see that a worker is running.',
      };
    }
  }
  return {
    code: 'INTERNAL',
    step: null,
    message: 'The attempt failed for a reason of our own.',
    hint: 'The worker’s log has the details.',
  };
}
