import { randomUUID } from 'node:crypto';

import { WorkflowNotFoundError, type Client } from '@temporalio/client';

import type { Experiments } from '../experiments/experiments.ts';
import { soon } from '../experiments/soon.ts';
import { asTemporalCalls } from '../experiments/temporal-errors.ts';
import { createTenancy } from '../experiments/tenancy.ts';
import type { Quotas } from './quotas.ts';

/** Starts runs within the quotas of their tenant; a key that is known finds its run, whatever is used up. */
export function quotaExperiments(
  experiments: Experiments,
  tenant: string,
  { quotas, client }: { readonly quotas: Quotas; readonly client: Client },
): Experiments {
  if (!quotas.limited(tenant)) return experiments;
  const { workflowId: idOf } = createTenancy(tenant);
  return {
    ...experiments,
    // Its id is known before it starts, so that it is counted once: here, or by Temporal.
    async start(request, caller, id = idOf(request.idempotency_key)) {
      const { idempotency_key: key } = request;
      const start = () => experiments.start(request, caller, id);
      return asTemporalCalls(async () => {
        if (key !== undefined && (await exists(client, id))) return start();
        return quotas.within(tenant, { id, start, startedId: (workflowId) => workflowId });
      });
    },
    retry: (request, caller) =>
      asTemporalCalls(() =>
        quotas.within(tenant, {
          id: randomUUID(),
          start: () => experiments.retry(request, caller),
          startedId: ({ workflowId, repeated }) => (repeated ? undefined : workflowId),
        }),
      ),
  };
}

async function exists(client: Client, workflowId: string): Promise<boolean> {
  try {
    await soon(client, () => client.workflow.getHandle(workflowId).describe());
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
