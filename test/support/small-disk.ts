import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { succeeds } from './run-command.ts';

/** A folder whose disk is full when a test wants it to be. */
export interface SmallDisk {
  readonly folder: string;
  /** From now on whatever writes there finds room for so many bytes only. */
  leave(bytes: number): Promise<void>;
  makeRoom(): Promise<void>;
  remove(): Promise<void>;
}

const MOUNTED_MEGABYTES = 32;

/**
 * A disk of its own where mounting is allowed (ENOSPC). Elsewhere, as in most containers, limits on the
 * size of files (EFBIG), which any user may set for his own processes while they run.
 * @param writers ids of the processes that write to it, asked for at each change
 */
export async function createSmallDisk(writers: () => Promise<number[]>): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'));
  const size = `size=${MOUNTED_MEGABYTES}m`;
  const mounted = await succeeds('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]);
  return mounted ? mountedDisk(folder) : limitedFolder(folder, writers);
}

function mountedDisk(folder: string): SmallDisk {
  const ballast = join(folder, 'ballast');
  const makeRoom = (): Promise<void> => rm(ballast, { force: true });
  return {
    folder,
    async leave(bytes) {
      // What is written there meanwhile takes room that was counted on: then it is counted again.
      for (let left = 10; ; left -= 1) {
        await makeRoom();
        const { bavail, bsize } = await statfs(folder);
        try {
          return await writeFile(ballast, Buffer.alloc(bavail * bsize - bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || left === 0) throw error;
        }
      }
    },
    makeRoom,
    async remove() {
      await must('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function limitedFolder(folder: string, writers: () => Promise<number[]>): SmallDisk {
  // The soft limit only: the hard one could not be raised again.
  const limit = async (most: string): Promise<void> => {
    for (const pid of await writers())
      await must('prlimit', ['--pid', `${pid}`, `--fsize=${most}:`]);
  };
  return {
    folder,
    leave: (bytes) => limit(String(bytes)),
    makeRoom: () => limit('unlimited'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function must(command: string, args: readonly string[]): Promise<void> {
  if (await succeeds(command, args)) return;
  throw new Error(`A full disk can’t be had here: ${command} ${args.join(' ')} failed.`);
}
