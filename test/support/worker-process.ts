import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../cli/worker.ts', import.meta.url));

/** A worker as operators start it. */
export interface WorkerProcess {
  /** kill -9, with whatever it has started. */
  kill(): Promise<void>;
  /** Asks it to stop, as a deploy does, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts `npm run worker` and waits until it polls. */
export async function startWorkerProcess(
  settings: Readonly<Record<string, string>>,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...process.env, ...settings, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const lines = [child.stdout, child.stderr].map((input) => createInterface({ input }));
  await new Promise<void>((resolve, reject) => {
    for (const line of lines) {
      line.on('line', (text) => {
        if (text.includes('worker started')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`The worker ended with ${code}.`)));
  });
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      if (signal === 'SIGKILL') process.kill(-(child.pid as number), signal);
      else child.kill(signal);
    }
    await exited;
  };
  return { kill: end('SIGKILL'), stop: end('SIGTERM') };
}
