import { setTimeout as wait } from 'node:timers/promises';
import { groupMembers, signalGroup } from './process-table.ts';

const GRACE_MS = 10_000;
const POLL_MS = 50;

/** Ends a whole process group: asks it to stop, kills what is left after ten seconds, and waits until it is gone. */
export async function endGroup(group: number): Promise<void> {
  if (!signalGroup(group, 'SIGTERM')) return;
  if (await isGone(group)) return;
  signalGroup(group, 'SIGKILL');
  await isGone(group);
}

async function isGone(group: number): Promise<boolean> {
  const deadline = performance.now() + GRACE_MS;
  while ((await groupMembers(group)).length > 0) {
    if (performance.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}
