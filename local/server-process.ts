import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../schemas/failure.ts';
import { endGroup } from './end-group.ts';
import type { Environment } from './executables.ts';
import { isPortFree, portHolder, type PortHolder } from './ports.ts';
import { endLeftover, forgetProcess, recordProcess } from './process-record.ts';
import { watchOver } from './watchdog.ts';

const POLL_MS = 50;

/** A port that a server is to take, and the setting by which another one can be chosen. */
interface Port {
  readonly port: number;
  readonly setting: string;
}

export interface ServerProcessOptions {
  /** Name in messages. */
  readonly title: string;
  /** Name of the files in `stateDir`: run/<name>.json and logs/<name>.log. */
  readonly name: string;
  readonly stateDir: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly ports: readonly Port[];
  /** Part of the command line of every process of the server, to know it again after a crash. */
  readonly mark: string;
  /** Run when nothing of an earlier start is left, before the server is started. */
  readonly prepare?: () => void;
  /** True once the server really answers. Called until then; a throw counts as “not yet”. */
  readonly isReady: () => Promise<boolean>;
  readonly startSeconds: number;
  /** Gives the start up and ends what was started. */
  readonly signal?: AbortSignal | undefined;
  /** A start after a death: the log of the dead one is written on. */
  readonly again?: boolean;
}

/** A server in its own process group. */
export interface ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the server has ended by itself or by `stop`, with a word on how. */
  readonly exited: Promise<string>;
  /** Ends the whole group, politely first, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server and waits until it answers. It ends with this process, however this one ends; what an
 * earlier start of the same `stateDir` left behind is ended first.
 * @throws Failure SETUP_FAILED for a taken port, a server that ends during its start or never answers
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { title, name, command, args, env } = options;
  const stateDir = resolve(options.stateDir);
  const record = join(stateDir, 'run', `${name}.json`);
  await endLeftover(record);
  for (const port of options.ports) await requireFree(port, title);
  options.prepare?.();

  const logFile = join(stateDir, 'logs', `${name}.log`);
  const log = await openLog(stateDir, logFile, options.again ?? false);
  const child = spawn(command, args, {
    detached: true, // A group of its own, so that all its children can be ended with it.
    env,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = once(child, 'exit').then(
    ([code, signal]: (string | number | null)[]) =>
      code === null ? `signal ${signal}` : `exit code ${code}`,
    () => 'not started',
  );
  await log.close();
  if (child.pid === undefined) {
    throw new Failure('SETUP_FAILED', `${title} could not be started.`, `Is ${command} a program?`);
  }
  const group = child.pid;
  const callOffWatchdog = watchOver(-group);
  await recordProcess(record, group, options.mark);
  // Its first process may die alone; the rest of the group is of no use then.
  let over = false;
  const exited = ended.then(async (how) => {
    await endGroup(group);
    over = true;
    callOffWatchdog();
    await forgetProcess(record);
    return how;
  });
  const stop = async () => {
    // Afterwards the number may be somebody else's.
    if (!over) await endGroup(group);
    await exited;
  };
  try {
    await untilReady(options, exited, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: group, logFile, exited, stop };
}

/** In which the system closes the sockets of a process that is gone already. */
const CLOSING_MS = 2_000;

async function requireFree({ port, setting }: Port, title: string): Promise<void> {
  const until = performance.now() + CLOSING_MS;
  let holder: PortHolder | undefined;
  do {
    if (await isPortFree(port)) return;
    holder = await portHolder(port);
    if (holder === undefined) await wait(50);
  } while (holder === undefined && performance.now() < until);
  const by = holder === undefined ? '' : ` by process ${holder.pid} (${programOf(holder.command)})`;
  throw new Failure(
    'SETUP_FAILED',
    `Port ${port}, which ${title} needs, is taken${by}.`,
    `Stop what listens there, or choose another port with ${setting}.`,
  );
}

/** The first words of a command line: arguments may be long, and hold what is nobody's business. */
function programOf(command: string): string {
  return command.split(' ').slice(0, 2).join(' ').slice(0, 120);
}

/** Opens a new log file, the one of the last start being kept beside it; or that one, to go on with. */
async function openLog(stateDir: string, logFile: string, goOn: boolean) {
  await mkdir(join(stateDir, 'logs'), { recursive: true });
  if (!goOn) await rename(logFile, logFile.replace(/\.log$/, '.previous.log')).catch(() => {});
  return open(logFile, 'a', 0o600);
}

async function untilReady(
  { title, isReady, startSeconds, signal }: ServerProcessOptions,
  exited: Promise<string>,
  logFile: string,
): Promise<void> {
  let ending: string | undefined;
  const ended = exited.then((how) => {
    ending = how;
    return false;
  });
  const late = AbortSignal.timeout(startSeconds * 1000);
  // A question that is never answered must not hold up the end of the start.
  const pointless = Promise.race([ended, abortOf(late), ...(signal ? [abortOf(signal)] : [])]);
  for (;;) {
    signal?.throwIfAborted();
    if (ending !== undefined) {
      throw new Failure(
        'SETUP_FAILED',
        `${title} ended during its start (${ending}).`,
        `What it said is in ${logFile}.`,
      );
    }
    if (late.aborted) {
      throw new Failure(
        'SETUP_FAILED',
        `${title} did not answer within ${startSeconds} seconds.`,
        `What it said is in ${logFile}.`,
      );
    }
    if (await Promise.race([isReady().catch(() => false), pointless])) return;
    await wait(POLL_MS);
  }
}

/** Resolves with false when the signal is aborted. */
function abortOf(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    if (signal.aborted) resolve(false);
  });
}
