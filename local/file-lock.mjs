// Plain JavaScript: install.mjs needs it before the packages, and so Node 24, are there.
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as wait } from 'node:timers/promises';

const REFRESH_MS = 5_000;
/** A living holder refreshes its lock; past this its process id belongs to somebody else by now. */
const STALE_MS = 600_000;

/**
 * Holds `path` as a lock between processes while `work` runs; waits for another holder, and takes over
 * from one that died. The folder of `path` must exist.
 * @param {string} path
 * @param {{ onWait?: (holder: number) => void }} options `onWait` is called once, with the holder's process id
 * @param {(share: (pid: number) => void) => Promise<unknown>} work `share` makes a child a holder, too, so that
 *   the lock outlives this process as long as the child does
 */
export async function withFileLock(path, options, work) {
  let told = false;
  while (!tryLock(path)) {
    const holder = readHolder(path);
    if (holder !== undefined && isStale(holder, path)) {
      breakLock(path, holder);
      continue;
    }
    if (!told && holder !== undefined) {
      told = true;
      options.onWait?.(Number(holder.split(' ').at(-1)));
    }
    await wait(200);
  }
  const refresh = setInterval(() => touch(path), REFRESH_MS);
  refresh.unref();
  try {
    return await work((pid) => writeHolder(path, `${process.pid} ${pid}`));
  } finally {
    clearInterval(refresh);
    rmSync(path, { force: true });
  }
}

function tryLock(path) {
  // Written aside and linked, so that nobody reads a lock without its holder.
  const draft = writeDraft(path, String(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeHolder(path, holder) {
  renameSync(writeDraft(path, holder), path);
}

function writeDraft(path, holder) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, holder);
  return draft;
}

/** The ids of the processes that hold the lock, with blanks between them. */
function readHolder(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isStale(holder, path) {
  // A child may have ended, and the one that waits for it not noticed yet.
  if (!holder.split(' ').some(isAlive)) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Of several processes that see the same dead holder, only the one whose rename wins removes it. */
function breakLock(path, holder) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readHolder(aside) !== holder) {
    // Somebody else had already taken the lock anew: give it back.
    try {
      linkSync(aside, path);
    } catch {
      // A third process was quicker.
    }
  }
  rmSync(aside, { force: true });
}

function touch(path) {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The lock was broken; nothing to refresh.
  }
}
