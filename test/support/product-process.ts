import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { watchOver } from '../../local/watchdog.ts';

/** A server or worker as operators start it. */
export interface ProductProcess {
  readonly pid: number;
  /** What it has printed so far. */
  said(): string;
  /** kill -9, with whatever it has started. */
  kill(): Promise<void>;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  /** Asks it to stop, as a deploy does, and waits until it has. */
  stop(): Promise<void>;
  /** Freezes it and whatever it has started, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

/** Starts cli/<component>.ts and waits until it says that it has started. */
export async function startProductProcess(
  component: 'server' | 'worker',
  settings: Readonly<Record<string, string>>,
): Promise<ProductProcess> {
  const entry = fileURLToPath(new URL(`../../cli/${component}.ts`, import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: { ...process.env, ...settings, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        said.push(line);
        if (line.includes(`${component} started`)) resolve();
      });
    }
    child.once('exit', (code) =>
      reject(new Error(`The ${component} ended with ${code}: ${said.join('\n')}`)),
    );
  });
  const pid = child.pid as number;
  // A test run that is killed leaves nothing behind.
  const callOffWatchdog = watchOver(-pid);
  void exited.then(callOffWatchdog);
  const living = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    said: () => said.join('\n'),
    ended: exited.then(([code]) => code as number | null),
    async kill() {
      if (living()) process.kill(-pid, 'SIGKILL');
      await exited;
    },
    async stop() {
      if (living()) child.kill('SIGTERM');
      await exited;
    },
    signal: (name) => process.kill(-pid, name),
  };
}
