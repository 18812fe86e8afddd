import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../schemas/failure.ts';
import type { Environment } from './executables.ts';

const run = promisify(execFile);

const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const PRINT_VERSION =
  'import sys; print(sys.version_info.major, sys.version_info.minor, sys.executable)';

/** A Python version, as [major, minor]. */
export type PythonVersion = readonly [number, number];

/**
 * The path of the first Python on PATH that runs and is at least `minimum`. Each candidate is really run:
 * the name alone proves nothing where a version manager puts its own launcher first.
 * @throws Failure SETUP_FAILED naming what was found instead
 */
export async function findPython(env: Environment, minimum: PythonVersion): Promise<string> {
  const tooOld = new Set<string>();
  for (const name of NAMES) {
    try {
      const { stdout } = await run(name, ['-c', PRINT_VERSION], { env, timeout: 30_000 });
      const [major = '', minor = '', ...path] = stdout.trim().split(' ');
      const older =
        Number(major) < minimum[0] || (Number(major) === minimum[0] && Number(minor) < minimum[1]);
      if (!older) return path.join(' ');
      tooOld.add(`${major}.${minor}`);
    } catch {
      // Not there, or a launcher without a Python behind it.
    }
  }
  const found = tooOld.size === 0 ? 'None' : `Only ${[...tooOld].join(', ')}`;
  throw new Failure(
    'SETUP_FAILED',
    `Python ${minimum.join('.')} or newer is needed. ${found} was found on PATH.`,
    'Install a newer Python 3 (with venv), or set TEMPORAL_ADDRESS and MLFLOW_TRACKING_URI to use servers that run elsewhere.',
  );
}
