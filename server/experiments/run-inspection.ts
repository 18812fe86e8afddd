import {
  isGrpcCancelledError,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';

import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Inspection, InspectionInput } from '../../schemas/inspection.ts';
import { INSPECTION_WORKFLOW } from '../../schemas/names.ts';
import type { inspectSource } from '../../workflows/index.ts';
import { soon } from './soon.ts';
import { endedBy } from './wait-for-end.ts';

export interface RunInspectionDependencies {
  readonly client: Client;
  readonly taskQueue: string;
}

/**
 * Runs the workflow of an inspection to its end.
 * @throws Failure as the worker gave it, or STEP_TIMEOUT when the time is over or the signal aborted;
 *   then the workflow is ended, too
 */
export async function runInspection(
  { client, taskQueue }: RunInspectionDependencies,
  workflowId: string,
  wait: { readonly input: InspectionInput; readonly signal: AbortSignal; readonly seconds: number },
): Promise<Inspection> {
  const { input, seconds } = wait;
  const signal = AbortSignal.any([wait.signal, AbortSignal.timeout(seconds * 1000)]);
  const handle = await soon(client, () =>
    client.workflow.start<typeof inspectSource>(INSPECTION_WORKFLOW, {
      ...{ workflowId, taskQueue, args: [input] },
      // Should this process end before it: nobody else waits for the answer.
      workflowExecutionTimeout: '1 minute',
      priority: { fairnessKey: input.tenant ?? DEFAULT_TENANT },
      staticSummary: `validate: ${input.model} on ${input.source.kind}`,
    }),
  );
  try {
    return await client.withAbortSignal(signal, () => handle.result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      const { code, message, hint } = endedBy(error.cause);
      throw new Failure(code, message, hint, { cause: error });
    }
    if (!signal.aborted && !isGrpcCancelledError(error)) throw error;
    throw await soon(client, () => givenUp(handle, seconds));
  }
}

/** A workflow that a worker has taken up has more than its first two events. */
const EVENTS_BEFORE_A_WORKER = 2;

/** Ends an inspection that nobody waits for any longer, and says what it lacked. */
async function givenUp(handle: WorkflowHandle, seconds: number): Promise<Failure> {
  const { historyLength } = await handle.describe();
  await handle.terminate('its caller waits no longer').catch(() => undefined);
  return historyLength <= EVENTS_BEFORE_A_WORKER
    ? new Failure(
        'STEP_TIMEOUT',
        `No worker has taken up the request within ${seconds} seconds.`,
        'Start a worker (npm run worker), or wait until those that run have room; then call again.',
      )
    : new Failure(
        'STEP_TIMEOUT',
        `The worker has not answered within ${seconds} seconds.`,
        'Call again, or start the run: it validates the source, too, and waits for as long as it takes.',
      );
}
