import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePythonEnvironment } from '../../local/python-environment.ts';

/**
 * Stands in for Python: tells a version, makes an environment with itself inside, and notes what pip is asked
 * for. uv cannot be had with it, as on a machine whose index lacks it.
 */
const PYTHON = `#!/bin/sh
here=$(dirname "$0")
case "$1 $2" in
  "-c "*) cat "$BASE/version" | tr -d '\\n'; echo " $0" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip")
    case "$*" in
      *uv==*) exit 1 ;;
      *) echo "$*" >> "$BASE/installed"; echo "Collecting mlflow"; [ ! -e "$BASE/offline" ] ;;
    esac ;;
esac
`;

let base: string;
let lines: string[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'python-environment-'));
  lines = [];
  await mkdir(join(base, 'path'));
  await writeFile(join(base, 'path', 'python3'), PYTHON);
  await chmod(join(base, 'path', 'python3'), 0o755);
  await writeFile(join(base, 'version'), '3 12');
  await writeFile(join(base, 'requirements.txt'), 'mlflow==3.17.2\n');
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

const ensure = () =>
  ensurePythonEnvironment({
    directory: join(base, 'python'),
    requirements: join(base, 'requirements.txt'),
    env: { PATH: `${join(base, 'path')}:/usr/bin:/bin`, BASE: base },
    log: (line) => lines.push(line),
  });
const installations = async () =>
  (await readFile(join(base, 'installed'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

describe('ensurePythonEnvironment', () => {
  it('installs the requirements once, with pip where uv cannot be had, and tells of its progress', async () => {
    const first = await ensure();
    const second = await ensure();

    expect(first).toEqual({
      python: join(base, 'python', 'bin', 'python'),
      bin: join(base, 'python', 'bin'),
    });
    expect(second).toEqual(first);
    expect(await installations()).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/s\] Making a Python environment[^]*Collecting mlflow/);
  });

  it('installs once for two callers at a time', async () => {
    await Promise.all([ensure(), ensure()]);

    expect(await installations()).toHaveLength(1);
  });

  it('makes the environment anew when the requirements have changed', async () => {
    await ensure();
    await writeFile(join(base, 'python', 'left-over'), '');
    await writeFile(join(base, 'requirements.txt'), 'mlflow==3.18.0\n');
    await ensure();

    expect(await installations()).toHaveLength(2);
    await expect(readFile(join(base, 'python', 'left-over'))).rejects.toThrow();
  });

  it('says what to do when an installation fails, and does not use it the next time', async () => {
    await writeFile(join(base, 'offline'), '');
    await expect(ensure()).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: 'The Python packages could not be installed; what the installer said is above.',
    });
    await rm(join(base, 'offline'));

    await ensure();

    expect(await installations()).toHaveLength(2);
  });

  it('names the versions it found when none is new enough', async () => {
    await writeFile(join(base, 'version'), '3 9');

    const start = ensurePythonEnvironment({
      directory: join(base, 'python'),
      requirements: join(base, 'requirements.txt'),
      env: { PATH: `${join(base, 'path')}:${await onlyTools(base)}`, BASE: base },
      log: () => {},
    });

    await expect(start).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: 'Python 3.10 or newer is needed. Only 3.9 was found on PATH.',
    });
  });
});

/** A folder with the few programs that the stand-in calls, and no other Python. */
async function onlyTools(folder: string): Promise<string> {
  const tools = join(folder, 'tools');
  await mkdir(tools);
  for (const tool of ['dirname', 'cat', 'tr', 'echo']) {
    await writeFile(join(tools, tool), `#!/bin/sh\nPATH=/usr/bin:/bin exec ${tool} "$@"\n`);
    await chmod(join(tools, tool), 0o755);
  }
  return tools;
}
