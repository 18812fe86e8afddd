import { isGrpcCancelledError, WorkflowFailedError } from '@temporalio/client';

import { looksAt } from '../experiments/looks.ts';
import { createProgressTeller } from '../experiments/progress.ts';
import { missingWorker } from '../experiments/worker-presence.ts';
import { readWorkflow, type ReadWorkflowDependencies } from '../experiments/workflow-record.ts';

/** Waits for a workflow's end, telling of its steps; false when the signal came first. */
export async function followRerun(
  deps: ReadWorkflowDependencies,
  workflowId: string,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (line: string) => void },
): Promise<boolean> {
  if (signal.aborted) return false;
  const { client } = deps;
  const ended = new AbortController();
  void tellSteps(deps, workflowId, tell, AbortSignal.any([signal, ended.signal]));
  try {
    await client.withAbortSignal(signal, () => client.workflow.getHandle(workflowId).result());
    return true;
  } catch (error) {
    // Failed and stopped runs have ended, too.
    if (error instanceof WorkflowFailedError) return true;
    if (signal.aborted || isGrpcCancelledError(error)) return false;
    throw error;
  } finally {
    ended.abort();
  }
}

/** A run that has stood still for so many looks, a second each, may lack a worker. */
const STILL_LOOKS = 10;

async function tellSteps(
  { client, tenancy }: ReadWorkflowDependencies,
  workflowId: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const teller = createProgressTeller(({ message }) => tell(message));
  let seen = '';
  let still = 0;
  for await (const look of looksAt(client, workflowId, signal)) {
    teller(look);
    still = look.state === seen ? still + 1 : 0;
    seen = look.state;
    if (still !== STILL_LOOKS) continue;
    const record = await readWorkflow({ client, tenancy }, workflowId).catch(() => undefined);
    const notes = record && (await missingWorker(client, record).catch(() => []));
    for (const note of notes ?? []) tell(note);
  }
}
