import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

import { stepOf } from '../../schemas/names.ts';
import type { StepView } from '../../schemas/run-view.ts';
import { pendingStep } from './pending-step.ts';
import { createDecoder } from './workflow-record.ts';

/** What one small question to Temporal tells of a workflow, whatever the length of its history. */
export interface Look {
  /** The step that is going or waits; null between two steps. */
  readonly step: StepView | null;
  /** Differs as soon as a step has begun, ended, failed or been tried again. */
  readonly state: string;
}

const LOOK_EVERY_MILLISECONDS = 1000;

/** Looks at a workflow once a second until the signal ends it; what can't be seen now is left out. */
export async function* looksAt(
  client: Client,
  workflowId: string,
  signal: AbortSignal,
): AsyncGenerator<Look> {
  const decoder = createDecoder(client);
  for (;;) {
    const look = await client.workflow
      .getHandle(workflowId)
      .describe()
      .then(async ({ status, runId, historyLength, raw }): Promise<Look> => {
        const [pending] = raw.pendingActivities ?? [];
        const name = stepOf(pending?.activityType?.name ?? '');
        const step = pending && name !== null ? await pendingStep(name, pending, decoder) : null;
        const { attempts, status: state, failure } = step ?? {};
        return {
          step,
          state: [runId, status.name, historyLength, state, attempts, failure?.code].join(' '),
        };
      })
      .catch(() => undefined);
    if (signal.aborted) return;
    if (look) yield look;
    await sleep(LOOK_EVERY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}
