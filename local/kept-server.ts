import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure } from '../schemas/failure.ts';
import {
  startServerProcess,
  type ServerProcess,
  type ServerProcessOptions,
} from './server-process.ts';

/** Seconds before each restart of a row; the last one goes for all that follow. */
const PAUSES = [0, 1, 2, 4, 8, 16, 30];
/** A server that has answered for so long has recovered: its next death is the first of a row again. */
const RECOVERED_MS = 60_000;
/** Restarts in a row that may end without an answer: two and a half minutes of pauses. */
const MOST_FAILURES = 10;
/** With less room than this no server can write its database. */
const FULL_BYTES = 1 << 20;

export interface KeptServerOptions extends ServerProcessOptions {
  /** Told in one line each of a death, of what is done about it, and of the first answer afterwards. */
  readonly log: (line: string) => void;
  /** Waits before a restart; rejects when the signal is aborted. For tests. */
  readonly pause?: (seconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** A server that is started again, with the same command on the same ports, whenever it has died. */
export interface KeptServer {
  /** False from its death until it answers again. */
  readonly isUp: () => boolean;
  /** Settles only when restarting has been given up, with the reason. */
  readonly givenUp: Promise<Failure>;
  /** Ends the server, or the restart that is going on, and leaves no process. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server and keeps it running until `stop`, or until the signal is aborted: a server that dies
 * afterwards stays dead. Before a restart every process of the dead server has ended.
 * @throws Failure SETUP_FAILED as {@link startServerProcess}, when the first start fails
 */
export async function startKeptServer(options: KeptServerOptions): Promise<KeptServer> {
  const { title, log, pause = pauseFor } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  let server = await startServerProcess(options);
  let row = 0;
  let up = true;

  async function keep(): Promise<Failure | undefined> {
    for (;;) {
      const answeredAt = performance.now();
      const how = await server.exited;
      up = false;
      if (signal.aborted) return undefined;
      if (performance.now() - answeredAt > RECOVERED_MS) row = 0;
      const next = await restart(`${title} has ended (${how}); see ${server.logFile}.`);
      if (next === undefined || next instanceof Failure) return next;
      server = next;
      up = true;
      // It may have answered in the moment in which `stop` ended the one before.
      if (stopping.signal.aborted) await server.stop();
    }
  }

  /** The server that answers again, the reason for giving up, or undefined when it is told to stop. */
  async function restart(death: string): Promise<ServerProcess | Failure | undefined> {
    let why = death;
    for (let failures = 1; ; failures += 1) {
      const seconds = PAUSES[Math.min(row, PAUSES.length - 1)] ?? 0;
      row += 1;
      log(`${why} Starting it again ${seconds === 0 ? 'at once' : `in ${seconds} s`}.`);
      try {
        await pause(seconds, signal);
        const next = await startServerProcess({ ...options, signal, again: true });
        log(`${title} answers again.`);
        return next;
      } catch (error) {
        if (signal.aborted) return undefined;
        const failure = await failureOf(error, options);
        if (failures === MOST_FAILURES) return givingUp(title, failure);
        why = `${title} could not be started again: ${failure.message} ${failure.hint}`;
      }
    }
  }

  const kept = keep();
  return {
    isUp: () => up,
    givenUp: new Promise((resolve, reject) => {
      kept.then((failure) => failure && resolve(failure), reject);
    }),
    async stop() {
      stopping.abort();
      await server.stop();
      await kept;
    },
  };
}

function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  return wait(seconds * 1000, undefined, { signal });
}

function givingUp(title: string, last: Failure): Failure {
  return new Failure(
    'SETUP_FAILED',
    `${title} could not be started ${MOST_FAILURES} times in a row and is given up: ${last.message}`,
    last.hint,
  );
}

/** What stood in the way of a restart; a full disk is the reason behind whatever else it looks like. */
async function failureOf(
  error: unknown,
  { title, stateDir }: ServerProcessOptions,
): Promise<Failure> {
  const { bavail, bsize } = await statfs(stateDir).catch(() => ({ bavail: Infinity, bsize: 1 }));
  if (bavail * bsize < FULL_BYTES || (error as NodeJS.ErrnoException).code === 'ENOSPC') {
    return new Failure(
      'SETUP_FAILED',
      `The disk that holds ${stateDir} is full.`,
      `Make room there. What ${title} said is in ${join(stateDir, 'logs')}.`,
      { cause: error },
    );
  }
  if (error instanceof Failure) return error;
  return new Failure(
    'SETUP_FAILED',
    `${stateDir} can't be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
    'See that it exists and that this user may write there.',
    { cause: error },
  );
}
