import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from './compose-file.ts';

/** The build’s own step, as it stands in ops/Dockerfile. */
export const BUNDLING = ['node', 'ops/bundle-workflows.ts'] as const;

/**
 * What ops/Dockerfile makes /app of: the files that its .dockerignore lets through, beside the installed packages,
 * with the workflows bundled.
 */
export async function makeImageFolder(folder: string): Promise<void> {
  const isIgnored = ignoring(await readFile(`${ROOT}ops/Dockerfile.dockerignore`, 'utf8'));
  await mkdir(folder, { recursive: true });
  await cp(ROOT, folder, {
    recursive: true,
    filter: (source) => {
      const path = relative(ROOT, source);
      return path === '' || !isIgnored(path);
    },
  });
  await linkPackages(join(folder, 'node_modules'));
  await promisify(execFile)(process.execPath, [BUNDLING[1]], { cwd: folder });
}

/** The packages one by one: what is written into node_modules itself shows. */
async function linkPackages(folder: string): Promise<void> {
  await mkdir(folder);
  const names = await readdir(join(ROOT, 'node_modules'));
  const packages = names.filter((name) => !name.startsWith('.'));
  await Promise.all(
    packages.map((name) => symlink(join(ROOT, 'node_modules', name), join(folder, name))),
  );
}

/** Every file and folder of the image, less the packages’ own. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.map(async (entry) => {
    const recursive = entry.name !== 'node_modules';
    const names = entry.isDirectory() ? await readdir(join(folder, entry.name), { recursive }) : [];
    return [entry.name, ...names.map((name) => join(entry.name, name))];
  });
  return (await Promise.all(below)).flat();
}

/** As Docker reads such a file: the last line that fits a path or a folder above it decides. */
export function ignoring(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({
      ignores: !line.startsWith('!'),
      fits: patternOf(line.replace(/^!/, '')),
    }));
  return (path) => rules.findLast(({ fits }) => fits.test(path))?.ignores ?? false;
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${source}(?:/.*)?$`);
}
