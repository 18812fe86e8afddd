import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { TEST_STATE } from './test-environment.ts';

const run = promisify(execFile);
const MODULE = 'go.temporal.io/server';

/** Temporal’s own programs, as its images have them. */
export interface TemporalPrograms {
  /** Of temporal-server and temporal-sql-tool. */
  readonly bin: string;
  /** Its source, with the tables of its databases and the script that its image starts. */
  readonly source: string;
}

/**
 * Builds the server of a release with Go, some minutes the first time: neither npm nor PyPI has more of
 * Temporal than the development server.
 */
export async function buildTemporal(version: string): Promise<TemporalPrograms> {
  const folder = join(TEST_STATE, `temporal-${version}`);
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(folder, 'go.mod'), 'module programs\n');
  const go = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    return (await run('go', args, { cwd: folder, env, maxBuffer: 2 ** 26 })).stdout.trim();
  };
  await go('get', `${MODULE}@v${version}`);
  await go('build', '-o', join(bin, 'temporal-server'), `${MODULE}/cmd/server`);
  await go('build', '-o', join(bin, 'temporal-sql-tool'), `${MODULE}/cmd/tools/sql`);
  return { bin, source: await go('list', '-m', '-f', '{{.Dir}}', MODULE) };
}
