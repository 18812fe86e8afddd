import type { Client } from '@temporalio/client';

import type { GetRunRequest } from '../../schemas/request.ts';
import type { RunView } from '../../schemas/run-view.ts';
import type { WaitOptions } from './experiments.ts';
import { looksAt } from './looks.ts';
import { createProgressTeller } from './progress.ts';
import { isGoing } from './run-join.ts';

/**
 * A run's view now or, when the request asks for a wait, at its end or at its first change since the
 * cursor; at the latest when the time is over.
 * @param get reads the view as it is
 */
export async function followRun(
  client: Client,
  get: () => Promise<RunView>,
  { cursor, wait_seconds }: Pick<GetRunRequest, 'cursor' | 'wait_seconds'>,
  { signal: gone, onProgress }: Omit<WaitOptions, 'seconds'>,
): Promise<RunView> {
  const awaited = ({ workflow, cursor: now }: RunView): boolean =>
    !isGoing(workflow?.status) || (cursor !== undefined && now !== cursor);
  const first = await get();
  const workflowId = first.workflow?.workflow_id;
  if (wait_seconds === 0 || workflowId === undefined || awaited(first)) return first;
  const signal = AbortSignal.any([gone, AbortSignal.timeout(1000 * wait_seconds)]);
  const tell = onProgress && createProgressTeller(onProgress);
  let seen: string | undefined;
  for await (const look of looksAt(client, workflowId, signal)) {
    tell?.(look);
    if (look.state === seen) continue;
    seen = look.state;
    const view = await get();
    if (awaited(view)) return view;
  }
  return get();
}
