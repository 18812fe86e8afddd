import { setTimeout as wait } from 'node:timers/promises';

import { Failure } from '../../schemas/failure.ts';
import { noRoom } from '../storage/storage-full.ts';
import { isBusy } from './database/while-busy.ts';

const PATIENCE_MS = 5000;

export interface Patience {
  readonly now?: () => number;
  /** How long a database that is away or busy is asked again. */
  readonly patienceMs?: number;
}

/** Tries again what another writer, or a database that starts again, stood in the way of. */
export async function patiently(
  write: (tries: number) => Promise<void>,
  { now = () => performance.now(), patienceMs = PATIENCE_MS }: Patience,
): Promise<void> {
  const until = now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await write(tries);
    } catch (error) {
      if (now() >= until || isLasting(error)) throw error;
      // Two writers that were in each other's way shall not be so again at the next try.
      await wait(isBusy(error) ? 1 + Math.random() * Math.min(4 * tries, 40) : 250);
    }
  }
}

/** What waiting does not mend: a full disk, a place where nothing can be, events that are refused. */
function isLasting(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return (
    isFull(error) ||
    isOfItsValues(error) ||
    ['ENOTDIR', 'EEXIST', 'EACCES', 'EROFS'].includes(String(code))
  );
}

/** Whether it is the events themselves that the database does not take: SQLSTATE 22, 23 and 54; SQLITE_TOOBIG, _CONSTRAINT, _MISMATCH. */
export function isOfItsValues(error: unknown): boolean {
  const { errcode = 0, code } = error as { readonly errcode?: number; readonly code?: unknown };
  return [18, 19, 20].includes(errcode % 256) || /^(?:2[23]|54)...$/.test(String(code));
}

/** SQLITE_FULL; 53100 is PostgreSQL's disk_full. */
function isFull(error: unknown): boolean {
  const { errcode = 0, code } = error as { readonly errcode?: number; readonly code?: unknown };
  return errcode % 256 === 13 || code === '53100';
}

/** The failure for a log that can’t be written now. */
export function unavailable(cause: unknown): Failure {
  if (isFull(cause)) return noRoom(cause, 'the audit log');
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'The audit log can’t be written, and nothing is done that it does not know of.',
    'See that AUDIT_DATABASE_URL answers, or that STATE_DIR/audit can be written; what waits goes on by itself.',
    { cause },
  );
}
