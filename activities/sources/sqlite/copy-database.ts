import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { Failure } from '../../../schemas/failure.ts';
import { openInRoots } from '../files/open-in-roots.ts';
import { copyAndHash } from '../files/private-copy.ts';
import type { ReadContext } from '../source-types.ts';

const TRIES = 5;
const BETWEEN_TRIES = 100;

interface CopyOptions {
  readonly dataRoots: readonly string[];
  readonly context: ReadContext;
}

/**
 * Copies a SQLite file and its write-ahead log, if there is one, to `target`. The two belong together,
 * so the copy counts only when neither changed meanwhile and no rollback journal says that a
 * transaction is under way.
 * @throws Failure as openInRoots() does, or DATABASE_UNAVAILABLE when it is being written all the time
 */
export async function copyDatabase(
  path: string,
  target: string,
  options: CopyOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await copyOnce(path, target, options);
    } catch (error) {
      if (!(error instanceof BeingWritten) || attempt === TRIES) throw forCaller(error);
      await Promise.all(['', '-wal'].map((suffix) => rm(target + suffix, { force: true })));
      await delay(BETWEEN_TRIES * attempt, undefined, { signal: options.context.signal });
    }
  }
}

/** Somebody writes the database just now. */
class BeingWritten extends Error {}

async function copyOnce(path: string, target: string, options: CopyOptions): Promise<void> {
  const before = await stateOf(path, options);
  if (before.journal !== undefined) throw new BeingWritten();
  await copyOne(path, target, options);
  if (before.log !== undefined) await copyOne(`${path}-wal`, `${target}-wal`, options);
  const after = await stateOf(path, options);
  if (JSON.stringify(after) !== JSON.stringify(before)) throw new BeingWritten();
}

async function copyOne(path: string, target: string, { dataRoots, context }: CopyOptions) {
  const { limits, signal } = context;
  const file = await openInRoots(path, dataRoots, limits.maxBytes);
  try {
    await copyAndHash(file, target, { maxBytes: limits.maxBytes, signal });
  } catch (error) {
    if (error instanceof Failure && error.code === 'FILE_UNREADABLE') throw new BeingWritten();
    throw error;
  } finally {
    await file.handle.close();
  }
}

/** What changes when the database is written: time and size of the file, its log and its journal. */
async function stateOf(path: string, options: CopyOptions) {
  const [file, log, journal] = await Promise.all(
    ['', '-wal', '-journal'].map((suffix) => stampOf(path + suffix, options, suffix !== '')),
  );
  return { file, log, journal };
}

async function stampOf(
  path: string,
  { dataRoots, context }: CopyOptions,
  optional: boolean,
): Promise<string | undefined> {
  try {
    const { handle } = await openInRoots(path, dataRoots, context.limits.maxBytes);
    try {
      const { mtimeMs, size, ino } = await handle.stat();
      return `${ino} ${size} ${mtimeMs}`;
    } finally {
      await handle.close();
    }
  } catch (error) {
    // An empty log or journal counts as none.
    if (optional && error instanceof Failure && /NOT_FOUND|UNREADABLE/.test(error.code))
      return undefined;
    throw error;
  }
}

function forCaller(error: unknown): unknown {
  if (!(error instanceof BeingWritten)) return error;
  return new Failure(
    'DATABASE_UNAVAILABLE',
    'The SQLite file is being written.',
    'It is tried again; close the program that writes it, or copy the file.',
  );
}
