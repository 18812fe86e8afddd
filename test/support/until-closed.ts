import { setTimeout as pause } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

/** Waits for the end of a workflow by the cheapest question there is; while Temporal is away it asks on. */
export async function untilClosed(client: Client, workflowId: string): Promise<void> {
  for (;;) {
    const described = client.workflow.getHandle(workflowId).describe();
    const status = await described.then(
      (workflow) => workflow.status.name,
      () => 'RUNNING',
    );
    if (status !== 'RUNNING') return;
    await pause(100);
  }
}
