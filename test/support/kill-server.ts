import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { groupMembers } from '../../local/process-table.ts';

/**
 * kill -9 of every process of an embedded server, as an out-of-memory killer or an operator may do it.
 * @returns the process group that it was
 */
export async function killServer(stateDir: string, name: 'temporal' | 'mlflow'): Promise<number> {
  const { pid } = JSON.parse(await recordOf(stateDir, name)) as { pid: number };
  for (const member of await groupMembers(pid)) process.kill(member.pid, 'SIGKILL');
  return pid;
}

/** There is none between a death and the next start. */
async function recordOf(stateDir: string, name: string): Promise<string> {
  for (;;) {
    const record = await readFile(join(stateDir, 'run', `${name}.json`), 'utf8').catch(() => '');
    if (record !== '') return record;
    await setTimeout(50);
  }
}
