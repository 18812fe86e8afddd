import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { pythonExecutable, REFERENCE_ENVIRONMENT } from '../../learning/reference/python.ts';

/** Gives a Python script of this folder one JSON value a line; its answers, one a value. */
export function askPython<Answer>(script: string, values: readonly unknown[]): readonly Answer[] {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout } = spawnSync(pythonExecutable(), [path], {
    input: values.map((value) => `${JSON.stringify(value)}\n`).join(''),
    stdio: ['pipe', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: REFERENCE_ENVIRONMENT,
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}.`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}
