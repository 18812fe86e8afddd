import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What came of a flood. */
export interface Flooded {
  readonly sent: number;
  readonly perSecond: number;
  /** How many answers there were of each status; `cut` are connections that ended in an error. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Flood {
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** One of this machine’s loopback addresses. */
  readonly from: string;
}

const PROCESS = fileURLToPath(new URL('garbage-process.ts', import.meta.url));

/** Sends garbage from a process of its own; resolves when it has ended. */
export async function flood({ port, perSecond, seconds, from }: Flood): Promise<Flooded> {
  const args = [port, perSecond, seconds, from].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, ...args]);
  return JSON.parse(stdout) as Flooded;
}
