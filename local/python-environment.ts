import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../schemas/failure.ts';
import type { Environment } from './executables.ts';
import { withFileLock } from './file-lock.mjs';
import { findPython, type PythonVersion } from './python-interpreter.ts';

/** An installer some ten times as fast as pip; pip is used where it cannot be had. */
const UV = 'uv==0.13.8';
const PROGRESS_MS = 15_000;

export interface PythonEnvironment {
  /** Path of the environment's Python. */
  readonly python: string;
  /** Folder of its programs. */
  readonly bin: string;
}

export interface PythonEnvironmentOptions {
  /** The environment's own folder; made if missing, replaced if the requirements changed. */
  readonly directory: string;
  /** Path of a requirements file in which every version is pinned. */
  readonly requirements: string;
  readonly env: Environment;
  /** Told one line per stage and package. */
  readonly log: (line: string) => void;
  /** The oldest Python the requirements fit; 3.10 unless given. */
  readonly minimum?: PythonVersion;
}

/**
 * A virtual environment that holds exactly the given requirements: found in milliseconds when it is complete,
 * else made anew, so that a killed installation is never used. Safe against a second process doing the same.
 * @throws Failure SETUP_FAILED when there is no fitting Python or the installation fails
 */
export async function ensurePythonEnvironment(
  options: PythonEnvironmentOptions,
): Promise<PythonEnvironment> {
  const directory = resolve(options.directory);
  const wanted = createHash('sha256')
    .update(await readFile(options.requirements))
    .digest('hex');
  const stamp = join(directory, '.requirements-stamp');
  const environment = {
    python: join(directory, 'bin', 'python'),
    bin: join(directory, 'bin'),
  };
  // A stamp without a Python: the one that the environment links to was removed.
  const complete = async () =>
    existsSync(environment.python) && (await readFile(stamp, 'utf8').catch(() => '')) === wanted;
  if (await complete()) return environment;

  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number) => {
    options.log(`Waiting for process ${pid}, which is installing Python packages.`);
  };
  await withFileLock(`${directory}.lock`, { onWait }, async (shareLock) => {
    if (await complete()) return;
    await install(directory, environment, { ...options, shareLock });
    await writeFile(`${stamp}.new`, wanted);
    await rename(`${stamp}.new`, stamp);
  });
  return environment;
}

async function install(
  directory: string,
  { python, bin }: PythonEnvironment,
  options: PythonEnvironmentOptions & { shareLock: (pid: number) => void },
): Promise<void> {
  const { requirements, env, log, minimum = [3, 10], shareLock } = options;
  const started = performance.now();
  const say = (line: string) => {
    log(`[${Math.round((performance.now() - started) / 1000)} s] ${line}`);
  };
  const succeeds = (command: string, args: readonly string[], output?: (line: string) => void) =>
    runs({ command, args, env: installerEnvironment(env), shareLock, output });
  const basePython = await findPython(env, minimum);
  say(`Making a Python environment in ${directory}`);
  await rm(directory, { recursive: true, force: true });
  if (!(await succeeds(basePython, ['-m', 'venv', directory]))) {
    throw new Failure(
      'SETUP_FAILED',
      `${basePython} could not make a virtual environment in ${directory}.`,
      'Install its venv module (on Debian and Ubuntu: apt-get install python3-venv) and see that the disk is not full.',
    );
  }
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  say('Installing the Python packages');
  const withUv = async () =>
    (await succeeds(python, [...pip, '--quiet', UV])) &&
    (await succeeds(
      join(bin, 'uv'),
      ['pip', 'install', '--python', python, '-r', requirements],
      say,
    ));
  const withPip = () => {
    say('Trying again with pip, which takes longer');
    return succeeds(python, [...pip, '--progress-bar=off', '-r', requirements], say);
  };
  const ticker = setInterval(say, PROGRESS_MS, 'still installing');
  try {
    if ((await withUv()) || (await withPip())) {
      say('Python packages installed');
      return;
    }
  } finally {
    clearInterval(ticker);
  }
  throw new Failure(
    'SETUP_FAILED',
    'The Python packages could not be installed; what the installer said is above.',
    'Mend the cause (network, package index, disk space) and run the same command again.',
  );
}

interface Installer {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly shareLock: (pid: number) => void;
  readonly output: ((line: string) => void) | undefined;
}

/** Lines of an installer that tell of no progress: versions at the end, packages for other platforms. */
const NOISE = /^( \+ |Ignoring |Looking in links|\s*$)/;
const LINE_LENGTH = 160;

/** Whether a command ends well; its output is told line by line. */
function runs({ command, args, env, shareLock, output }: Installer): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    // The lock lasts as long as an installer that outlived us, so that nobody deletes under its hands.
    if (child.pid !== undefined) shareLock(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (!NOISE.test(line)) output?.(line.trim().slice(0, LINE_LENGTH));
      });
    }
    child.once('error', () => {
      done(false);
    });
    child.once('close', (code) => {
      done(code === 0);
    });
  });
}

/** uv does not read pip's setting for a private package index. */
function installerEnvironment(env: Environment): NodeJS.ProcessEnv {
  const index = env.PIP_INDEX_URL === undefined ? {} : { UV_DEFAULT_INDEX: env.PIP_INDEX_URL };
  return { ...index, ...withoutPythonSettings(env) };
}

/** The environment without what would make Python look for packages elsewhere or compile them at every start. */
export function withoutPythonSettings(env: Environment): NodeJS.ProcessEnv {
  const {
    PYTHONHOME: _home,
    PYTHONPATH: _path,
    PYTHONDONTWRITEBYTECODE: _bytecode,
    VIRTUAL_ENV: _environment,
    PIP_TARGET: _target,
    PIP_PREFIX: _prefix,
    PIP_USER: _user,
    ...rest
  } = env;
  return rest;
}
