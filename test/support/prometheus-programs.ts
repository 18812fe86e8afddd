import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { findOnPath } from '../../local/executables.ts';
import { succeeds } from './run-command.ts';

const run = promisify(execFile);

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Debian’s package is unpacked here: installed, it would also start a service. */
const UNPACKED = join(tmpdir(), 'durable-experiments-prometheus');

/** Prometheus’ programs on PATH, or out of Debian’s package; undefined where neither can be had. */
export async function findPrometheus(): Promise<PrometheusPrograms | undefined> {
  const bin = join(UNPACKED, 'usr', 'bin');
  const known = { PATH: [process.env.PATH ?? '', bin].join(':') };
  const found = await programsOn(known);
  if (found || !(await findOnPath('apt-get', process.env))) return found;
  await unpack();
  return programsOn(known);
}

async function programsOn(env: { readonly PATH: string }): Promise<PrometheusPrograms | undefined> {
  const prometheus = await findOnPath('prometheus', env);
  const promtool = await findOnPath('promtool', env);
  return prometheus === undefined || promtool === undefined ? undefined : { prometheus, promtool };
}

async function unpack(): Promise<void> {
  await mkdir(dirname(UNPACKED), { recursive: true });
  const draft = await mkdtemp(`${UNPACKED}-`);
  const download = () => run('apt-get', ['download', 'prometheus'], { cwd: draft });
  try {
    // The lists of packages may be missing, and only root may fetch them.
    await download().catch(async () => {
      await succeeds('apt-get', ['update']);
      await download();
    });
    const [name = ''] = await readdir(draft);
    await run('dpkg-deb', ['--extract', join(draft, name), draft]);
    // Another test run may have been first.
    await rename(draft, UNPACKED).catch(() => undefined);
  } catch {
    // Then there is none.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
