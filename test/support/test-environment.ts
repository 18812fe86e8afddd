import { fileURLToPath } from 'node:url';

import { ensurePythonEnvironment, type PythonEnvironment } from '../../local/python-environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the tests keep what is worth keeping between two runs. */
export const TEST_STATE = `${ROOT}.state/test`;

/** Makes, the first time, a Python environment with the references that results are compared with. */
export function testPython(): Promise<PythonEnvironment> {
  return ensurePythonEnvironment({
    directory: `${TEST_STATE}/python`,
    requirements: `${ROOT}test/requirements.txt`,
    env: process.env,
    log: (line) => console.log(line),
    minimum: [3, 11],
  });
}
