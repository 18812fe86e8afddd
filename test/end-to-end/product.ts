import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start` as a user starts it, in a state folder of its own. */
export interface Product {
  /** Everything it has printed so far. */
  output(): string;
  /** Ctrl-C, as a terminal sends it to the whole group; resolves when npm has ended. May be repeated. */
  interrupt(): Promise<void>;
}

const READY = 'Ready. Ctrl-C stops everything.';

/** Starts the product on its default ports and waits until it says that it is ready. */
export async function startProduct(stateDir: string): Promise<Product> {
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...process.env, STATE_DIR: stateDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += String(chunk);
      if (printed.includes(READY)) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${printed}`)));
  });
  await ready;
  return { output: () => printed, interrupt: () => interrupt(child) };
}

async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGINT');
  await exited;
}

interface Answer {
  readonly status: number;
  readonly json: {
    readonly request_id: string;
    readonly tool: string;
    readonly duration_ms: number;
    readonly result: Record<string, unknown> | null;
    readonly error: string | null;
    readonly failure?: Readonly<Record<string, string | null>>;
  };
}

/** POST /invoke of the running product. */
export async function invoke(tool: string, params: unknown): Promise<Answer> {
  const response = await fetch('http://localhost:8000/invoke', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool, params }),
  });
  return { status: response.status, json: (await response.json()) as Answer['json'] };
}
