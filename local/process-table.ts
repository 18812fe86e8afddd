import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A line of the process table. */
export interface RunningProcess {
  readonly pid: number;
  readonly group: number;
  readonly command: string;
}

/** The command line of a living process, or undefined. */
export async function commandLine(pid: number): Promise<string | undefined> {
  return (await processTable()).find((entry) => entry.pid === pid)?.command;
}

/** The living members of a process group; a process that ended and was not collected is none. */
export async function groupMembers(group: number): Promise<RunningProcess[]> {
  return (await processTable()).filter((entry) => entry.group === group);
}

/** Signals a whole process group; false if it has no member left. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/** Every living process of this machine. */
export async function processTable(): Promise<RunningProcess[]> {
  return process.platform === 'linux' ? tableOfProc() : tableOfPs();
}

/** proc(5); `ps` is missing in slim containers. */
async function tableOfProc(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const entries = await Promise.all(
    pids.map(async (pid): Promise<RunningProcess[]> => {
      try {
        const [stat, arguments_] = await Promise.all([
          readFile(`/proc/${pid}/stat`, 'utf8'),
          readFile(`/proc/${pid}/cmdline`, 'utf8'),
        ]);
        // The program's name in parentheses may itself hold spaces and parentheses.
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = arguments_.replaceAll('\0', ' ').trim();
        return [{ pid: Number(pid), group: Number(group), command }];
      } catch {
        return []; // It ended while we read.
      }
    }),
  );
  return entries.flat();
}

async function tableOfPs(): Promise<RunningProcess[]> {
  const { stdout } = await run('ps', ['-A', '-ww', '-o', 'pid=,pgid=,stat=,command=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, group, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || command === undefined || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), group: Number(group), command }];
  });
}
