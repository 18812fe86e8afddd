import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { PythonEnvironment } from './python-environment.ts';
import { mlflowEnvironment } from './server-environment.ts';

const run = promisify(execFile);

/** Environment variables as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface ExecutableSearch {
  readonly env: Environment;
  /** Makes the pinned Python environment; called only when PATH has no fitting program. */
  readonly python: () => Promise<PythonEnvironment>;
}

/** The path of the first executable file called `name` on PATH, or undefined. */
export async function findOnPath(name: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Temporal's command-line program: the one on PATH, else the pinned one. */
export async function findTemporal({ env, python }: ExecutableSearch): Promise<string> {
  return (await findOnPath('temporal', env)) ?? join((await python()).bin, 'temporal');
}

/** MLflow's command-line program: the one on PATH if it is version 3 or newer, else the pinned one. */
export async function findMlflow({ env, python }: ExecutableSearch): Promise<string> {
  const onPath = await findOnPath('mlflow', env);
  if (onPath !== undefined && (await mlflowMajor(onPath, env)) >= 3) return onPath;
  return join((await python()).bin, 'mlflow');
}

/** The major version that `mlflow --version` tells, or 0 if it tells none. */
async function mlflowMajor(executable: string, env: Environment): Promise<number> {
  try {
    const { stdout } = await run(executable, ['--version'], {
      env: mlflowEnvironment(env),
      timeout: 60_000,
    });
    return Number(/(\d+)\.\d+/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
