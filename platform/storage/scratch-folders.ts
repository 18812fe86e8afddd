import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** No step lasts longer: an older folder is nobody's, wherever its owner ran. */
const OLDEST_MS = 86_400_000;

/** Folders for the temporary files of steps; their names tell whose they are. */
export interface ScratchFolders {
  /** Calls `use` with a fresh folder and removes it afterwards. */
  withFolder<T>(use: (folder: string) => Promise<T>): Promise<T>;
  /** A place for a folder that this process may keep for as long as it runs; nothing is there yet. */
  readonly own: string;
  /** Removes the folders whose process was killed, and any older than a day. */
  sweep(): Promise<void>;
}

/** Scratch folders below `root`, which processes of several machines may share. */
export function createScratchFolders(root: string): ScratchFolders {
  const space = processSpace();
  const newPlace = (): string => join(root, `${space}-${process.pid}-${randomUUID()}`);
  return {
    own: newPlace(),
    async withFolder(use) {
      const folder = newPlace();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        return await use(folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async sweep() {
      for (const name of await readdir(root).catch(() => [])) {
        const folder = join(root, name);
        const found = await stat(folder).catch(() => undefined);
        if (!found || !isLeftOver(name, found.mtimeMs, space)) continue;
        // What another user owns stays, and stops nobody.
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      }
    },
  };
}

function isLeftOver(name: string, changedAt: number, space: string): boolean {
  if (Date.now() - changedAt > OLDEST_MS) return true;
  const [, ownerSpace, owner] = /^([0-9a-f]{12})-(\d+)-/.exec(name) ?? [];
  if (ownerSpace !== space) return false;
  // A restarted container gives its process the number that the killed one had.
  if (Number(owner) === process.pid) return changedAt < performance.timeOrigin;
  return !isAlive(Number(owner));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Names the space in which process ids mean what they mean to us: this host and, on Linux, this boot and
 * PID namespace, since containers may share a host's name but not its processes. 12 hexadecimal digits.
 */
function processSpace(): string {
  const parts = [
    () => hostname(),
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    () => readlinkSync('/proc/self/ns/pid'),
  ].map((part) => {
    try {
      return part();
    } catch {
      return '';
    }
  });
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
}
