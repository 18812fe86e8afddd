import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../schemas/failure.ts';
import { endGroup } from './end-group.ts';
import { commandLine, groupMembers } from './process-table.ts';

/** What STATE_DIR remembers of a server that we started. */
interface ProcessRecord {
  /** Leader of the server's process group. */
  readonly pid: number;
  /** Part of the command line of every process of the server. */
  readonly mark: string;
  /** The process that started it, and its command line. */
  readonly owner: number;
  readonly ownerCommand: string;
}

/** Notes a started server in `path`, so that the next start can end it if we no longer can. */
export async function recordProcess(path: string, pid: number, mark: string): Promise<void> {
  const record: ProcessRecord = {
    pid,
    mark,
    owner: process.pid,
    ownerCommand: (await commandLine(process.pid)) ?? '',
  };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(record));
  await rename(`${path}.new`, path);
}

/** Forgets the server noted in `path`. */
export async function forgetProcess(path: string): Promise<void> {
  await rm(path, { force: true });
}

/**
 * Ends what an earlier start left running, if `path` notes any; a process id that belongs to somebody else
 * by now is left alone.
 * @throws Failure SETUP_FAILED if the start that it belongs to is still alive
 */
export async function endLeftover(path: string): Promise<void> {
  const record = await readRecord(path);
  if (record === undefined) return;
  const members = await groupMembers(record.pid);
  if (members.some(({ command }) => command.includes(record.mark))) {
    if (record.owner !== process.pid && (await commandLine(record.owner)) === record.ownerCommand) {
      throw new Failure(
        'SETUP_FAILED',
        `Process ${record.owner} already runs the servers of this state folder.`,
        'Stop that one first, or start a second one with another STATE_DIR and other ports.',
      );
    }
    await endGroup(record.pid);
  }
  await forgetProcess(path);
}

async function readRecord(path: string): Promise<ProcessRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}
