import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import {
  eventProblem,
  LONGEST_TEXT,
  type EventFields,
  type EventName,
} from '../../schemas/audit-event.ts';
import { Failure } from '../../schemas/failure.ts';
import { noRoom } from '../storage/storage-full.ts';
import { appendEvents, type NewEvent, type PlacelessEvent } from './append-events.ts';
import type { AuditDatabase } from './database/open-database.ts';
import { migrate } from './database/migrate.ts';
import { isBusy } from './database/while-busy.ts';
import type { PrivateRow } from './database/tables.ts';

/** An event as whoever records it says it. */
export type Recorded = {
  [Name in EventName]: {
    readonly name: Name;
    readonly fields: EventFields<Name>;
    /** Tenant, or SERVICE_CHAIN. */
    readonly chain: string;
    /** For what can be told twice: the same id is recorded once. */
    readonly id?: string | undefined;
    readonly secrets?: readonly Omit<PrivateRow, 'chain'>[] | undefined;
  };
}[EventName];

/** Who records: the same in all events of a process. */
export interface Recorder {
  readonly role: PlacelessEvent['service.role'];
  readonly version: string;
  readonly instance: string;
}

/** The append-only log; what it says it has recorded is on the disk. */
export interface AuditLog {
  /**
   * Records events in the order given, all or none.
   * @throws Failure AUDIT_UNAVAILABLE or STORAGE_FULL: then nothing may be done of which they speak
   */
  record(...events: readonly Recorded[]): Promise<void>;
  /** Makes the tables where they are missing; for whoever reads first. @throws Failure AUDIT_UNAVAILABLE */
  ready(): Promise<void>;
  /** Whether events could be recorded now. @throws when they could not */
  check(): Promise<void>;
  readonly database: AuditDatabase;
  readonly recorder: Recorder;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly database: AuditDatabase;
  readonly recorder: Recorder;
  readonly now?: () => number;
  /** How long a database that is away or busy is asked again. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5000;
/** In one transaction: whoever comes while one is written goes with the next. */
const MOST_AT_ONCE = 1000;

interface Waiting {
  readonly events: readonly NewEvent[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { database, recorder, now = Date.now } = options;
  let queue: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let migrated: Promise<void> | undefined;

  const migrating = async (): Promise<void> => {
    migrated ??= migrate(database.tables, database.kind);
    await migrated.catch((error: unknown) => {
      migrated = undefined;
      throw error;
    });
  };
  const append = async (events: readonly NewEvent[]): Promise<void> => {
    await migrating();
    await appendEvents(database, events);
  };

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = nextBatch(queue);
      queue = queue.slice(batch.length);
      try {
        await patiently(() => append(batch.flatMap(({ events }) => events)), options);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const failure = unavailable(error);
        for (const { reject } of batch) reject(failure);
      }
    }
    writing = undefined;
  }

  return {
    database,
    recorder,
    record(...recorded) {
      if (recorded.length === 0) return Promise.resolve();
      const events = recorded.map((one) => newEvent(one, recorder, now()));
      return new Promise((resolve, reject) => {
        queue.push({ events, resolve, reject });
        writing ??= drain();
      });
    },
    ready: () =>
      patiently(migrating, options).catch((error: unknown) => {
        throw unavailable(error);
      }),
    check: () =>
      patiently(async () => {
        await migrating();
        await database.tables.transaction().execute(async (writes) => {
          await writes.selectFrom('audit_chains').select('size').limit(1).execute();
        });
      }, options),
    async close() {
      await writing;
      await database.tables.destroy();
    },
  };
}

function nextBatch(queue: readonly Waiting[]): Waiting[] {
  let count = 0;
  const more = queue.findIndex(
    ({ events }, at) => (count += events.length) > MOST_AT_ONCE && at > 0,
  );
  return queue.slice(0, more === -1 ? queue.length : more);
}

function newEvent(
  { name, fields, chain, id, secrets = [] }: Recorded,
  recorder: Recorder,
  now: number,
): NewEvent {
  const event = boundedTexts({
    'event.version': 1,
    'event.name': name,
    'event.id': id ?? randomUUID(),
    'audit.chain': chain,
    timestamp: new Date(now).toISOString(),
    'service.role': recorder.role,
    'service.version': recorder.version,
    'service.instance.id': recorder.instance,
    ...fields,
  });
  const problem = eventProblem({ ...event, 'audit.seq': 1 });
  if (problem !== undefined) throw new TypeError(`no audit event: ${problem}`);
  return { event: event as PlacelessEvent, secrets };
}

/** Names may come from callers: what is too long for an event is cut. */
function boundedTexts(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const bounded = Object.entries(event).flatMap(([field, value]) => {
    if (value === undefined) return [];
    return [[field, typeof value === 'string' ? boundedText(value) : value]] as const;
  });
  return Object.fromEntries(bounded);
}

/** PostgreSQL’s texts hold no U+0000. */
function boundedText(text: string): string {
  return text.slice(0, LONGEST_TEXT).toWellFormed().replaceAll('\0', '\u{fffd}');
}

/** Tries again what another writer, or a database that starts again, stood in the way of. */
async function patiently(
  write: () => Promise<void>,
  { now = Date.now, patienceMs = PATIENCE_MS }: AuditLogOptions,
): Promise<void> {
  const until = now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (now() >= until || isFull(error)) throw error;
      // Two writers that were in each other's way shall not be so again at the next try.
      await wait(isBusy(error) ? 1 + Math.random() * Math.min(4 * tries, 40) : 250);
    }
  }
}

/** SQLITE_FULL; 53100 is PostgreSQL's disk_full. */
function isFull(error: unknown): boolean {
  const { errcode = 0, code } = error as { readonly errcode?: number; readonly code?: unknown };
  return errcode % 256 === 13 || code === '53100';
}

function unavailable(cause: unknown): Failure {
  if (isFull(cause)) return noRoom(cause, 'the audit log');
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'The audit log can’t be written, and nothing is done that it does not know of.',
    'See that AUDIT_DATABASE_URL answers, or that STATE_DIR/audit can be written; what waits goes on by itself.',
    { cause },
  );
}
