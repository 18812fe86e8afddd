import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { ReaderResources } from './reader-job.ts';

const ENTRY = fileURLToPath(new URL('./reader-child.ts', import.meta.url));
/** What Node sets aside and hardly touches: half a GiB for each of up to five threads, and libraries. */
const SET_ASIDE_BYTES = 4 * 2 ** 30;

export interface ReaderProcessOptions {
  readonly resources: ReaderResources;
  /** Where Node keeps compiled modules. */
  readonly cacheFolder?: string | undefined;
  /** The module it runs. */
  readonly entry?: string;
}

/**
 * Starts a reader process, which leads a group of its own (see {@link killReader}): no environment,
 * no input or output but the messages, and limits that the system keeps. Those are on data (-d), the
 * only one on memory that fits Node, whose addresses (-v) are 18 GB when it has done nothing; on
 * descriptors; and no core dump, which would hold rows. How long it may take is not known yet.
 */
export function startReader({
  resources,
  cacheFolder,
  entry = ENTRY,
}: ReaderProcessOptions): ChildProcess {
  const node = [
    process.execPath,
    `--max-old-space-size=${Math.floor(resources.memoryBytes / (1 << 20))}`,
    '--disable-warning=ExperimentalWarning',
  ];
  const limited = process.platform !== 'win32';
  return fork(entry, [], {
    ...(limited && { execPath: '/bin/sh' }),
    execArgv: limited ? ['-c', withLimits(resources), ...node] : node.slice(1),
    env: cacheFolder === undefined ? {} : { NODE_COMPILE_CACHE: cacheFolder },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: limited,
  });
}

/** A script that becomes the program it is given, within limits; or ends where one can't be had. */
function withLimits({ memoryBytes }: ReaderResources): string {
  const dataKilobytes = Math.ceil((memoryBytes + SET_ASIDE_BYTES) / 1024);
  const limit = (kind: string, most: number): string =>
    `ulimit -${kind} ${most} || [ "$(ulimit -${kind})" -le ${most} ] || exit 1`;
  return `${limit('d', dataKilobytes)}; ${limit('c', 0)}; ${limit('n', 256)}; unset PWD; exec "$0" "$@"`;
}

/** Ends a reader process and whatever it may have started; nothing when it has ended. */
export function killReader(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
