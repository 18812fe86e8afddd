import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { groupMembers } from '../../local/process-table.ts';

/**
 * kill -9 of every process of an embedded server, as an out-of-memory killer or an operator may do it.
 * @returns the process group that it was
 */
export async function killServer(stateDir: string, name: 'temporal' | 'mlflow'): Promise<number> {
  const record = await readFile(join(stateDir, 'run', `${name}.json`), 'utf8');
  const { pid } = JSON.parse(record) as { pid: number };
  for (const member of await groupMembers(pid)) process.kill(member.pid, 'SIGKILL');
  return pid;
}
