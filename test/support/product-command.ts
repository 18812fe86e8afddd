import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../cli/durable-experiments.mjs', import.meta.url));

export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `durable-experiments …`, as an operator gives it, with such settings. */
export function productCommand(
  settings: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandEnd> {
  const env = { ...process.env, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [ENTRY, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
