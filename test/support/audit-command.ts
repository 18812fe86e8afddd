import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../cli/durable-experiments.mjs', import.meta.url));

export interface CommandEnd {
  readonly code: number;
  /** Of both streams. */
  readonly said: string;
}

/** `durable-experiments audit …`, as an operator gives it, with such settings. */
export function auditCommand(
  settings: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandEnd> {
  const env = { ...process.env, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [ENTRY, 'audit', ...args], { env }, (error, stdout, stderr) => {
      const code = error ? Number(error.code) : 0;
      resolve({ code, said: stdout + stderr });
    });
  });
}
