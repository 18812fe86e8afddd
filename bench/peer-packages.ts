import { execFile, fork } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Bench } from './bench.ts';
import type { PeerAnswer, PeerMessage } from './peer-tasks.ts';

export const PEERS = {
  'ml-logistic-regression': '2.0.0',
  'ml-matrix': '6.15.1',
  natural: '8.1.1',
} as const;

const ENTRY = fileURLToPath(new URL('peer-process.ts', import.meta.url));

/** Asks one thing after another of the peers. @throws when their process ends first */
export type AskPeer = (message: PeerMessage) => Promise<PeerAnswer>;

/** Runs `use` beside a process that has the peers' packages. */
export async function withPeers<T>(bench: Bench, use: (ask: AskPeer) => Promise<T>): Promise<T> {
  const cwd = await installedPeers(bench);
  // No variable of ours: one of the packages would add to them what it finds in a .env file.
  const child = fork(ENTRY, { cwd, env: {}, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    return await use(
      (message) =>
        new Promise((resolve, reject) => {
          child.once('message', (answer) => resolve(answer as PeerAnswer));
          child.once('exit', () => reject(new Error(`The peer’s ${message.task} failed.`)));
          child.send(message);
        }),
    );
  } finally {
    child.kill();
  }
}

/** A folder with the pinned packages; they are no dependencies of the project, which ships without them. */
async function installedPeers({ folder, signal, say }: Bench): Promise<string> {
  const peers = join(folder, 'peers');
  const wanted = JSON.stringify({ private: true, dependencies: PEERS });
  const stamp = join(peers, 'installed.json');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return peers;
  say('installing the peers from npm');
  await mkdir(peers, { recursive: true });
  await writeFile(join(peers, 'package.json'), wanted);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', ['install', '--prefix', peers, ...options], { signal });
  await writeFile(stamp, wanted);
  return peers;
}
