import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python script of this folder that answers one JSON line with one JSON line. */
export interface PythonProcess {
  /** One request at a time. @throws with what Python printed last when it has ended */
  ask(request: unknown): Promise<unknown>;
  stop(): void;
}

const KEPT_CHARACTERS = 2000;

/** Starts a script; it ends with this process, when its input closes. */
export function startPython(
  python: string,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): PythonProcess {
  const child = spawn(python, [fileURLToPath(new URL(script, import.meta.url))], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let lastWords = '';
  child.stderr.on('data', (text: Buffer) => {
    lastWords = (lastWords + String(text)).slice(-KEPT_CHARACTERS);
  });
  // A closed pipe shows as the missing answer.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} has ended: ${lastWords}`);
      return JSON.parse(value) as unknown;
    },
    stop: () => child.kill(),
  };
}
