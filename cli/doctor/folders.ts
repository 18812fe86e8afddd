import { access, constants, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { parseDataRoots } from '../../activities/sources/files/data-roots.ts';
import { S3_ADDRESS } from '../../platform/storage/s3-bucket.ts';
import { ok, problem, warning, type Check, type Finding } from './check.ts';
import { nearestFolder } from './nearest-folder.ts';

const GIB = 1024 ** 3;
/** Below it a dataset or a model may not fit; below a tenth of it nothing does. */
const ROOM = 2 * GIB;

export const folders: Check = {
  name: 'folders',
  async run({ config }) {
    const roots = parseDataRoots(config.DATA_ROOTS).all;
    const findings = await Promise.all([
      writable(config.STATE_DIR, 'STATE_DIR'),
      ...roots.map(({ folder }) => readable(folder)),
    ]);
    return findings.flat();
  },
};

export const disks: Check = {
  name: 'disk space',
  async run({ config }) {
    const places = [config.STATE_DIR, tmpdir(), config.blobStore].filter(
      (place) => !S3_ADDRESS.test(place),
    );
    const found = await Promise.all(
      [...new Set(places)].map(async (place) => room(resolve(place))),
    );
    const [least] = found.sort((a, b) => a.free - b.free);
    if (!least) return [];
    const says = `${(least.free / GIB).toFixed(1)} GiB are free at ${least.place}.`;
    const remedy = 'Make room: “durable-experiments gc” removes what no run needs any more.';
    if (least.free < ROOM / 10) return problem(says, remedy);
    return least.free < ROOM ? warning(says, remedy) : ok(says);
  },
};

async function room(place: string): Promise<{ place: string; free: number }> {
  const { bavail, bsize } = await statfs(await nearestFolder(place));
  return { place, free: bavail * bsize };
}

async function writable(folder: string, setting: string): Promise<Finding> {
  const nearest = await nearestFolder(resolve(folder));
  const allowed = await permits(nearest, constants.W_OK | constants.X_OK);
  if (allowed) return ok(`${setting} ${folder} can be written.`);
  return problem(
    `${setting} ${folder} can’t be written by this user.`,
    `Give it ${nearest}, or set ${setting} to another folder.`,
  );
}

async function readable(folder: string): Promise<Finding> {
  if (await permits(folder, constants.R_OK | constants.X_OK))
    return ok(`DATA_ROOTS: ${folder} can be read.`);
  const missing = (await nearestFolder(folder)) !== folder;
  return problem(
    missing
      ? `DATA_ROOTS names ${folder}, which is not there.`
      : `DATA_ROOTS: ${folder} can’t be read by this user.`,
    missing ? 'Make it, or correct DATA_ROOTS.' : 'Let this user read it.',
  );
}

function permits(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
