import { appendEvents, type NewEvent } from './append-events.ts';
import { migrate } from './database/migrate.ts';
import type { AuditDatabase } from './database/open-database.ts';
import { newEvent, type Recorded, type Recorder } from './new-event.ts';
import { isOfItsValues, patiently, unavailable, type Patience } from './patiently.ts';

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

export interface AuditLogOptions extends Patience {
  readonly database: AuditDatabase;
  readonly recorder: Recorder;
}

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
  const append = async (events: readonly NewEvent[], again: boolean): Promise<void> => {
    await migrating();
    await appendEvents(database, events, { again });
  };

  async function write(batch: readonly Waiting[], again = false): Promise<void> {
    try {
      const events = batch.flatMap((one) => one.events);
      await patiently((tries) => append(events, again || tries > 1), options);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length > 1 && isOfItsValues(error)) {
        // One event that the database does not take must not take the others with it.
        for (const one of batch) await write([one], true);
      } else {
        // Whoever has come meanwhile would wait as long once more, and those behind them, too.
        const late = isOfItsValues(error) ? [] : queue.splice(0);
        for (const { reject } of [...batch, ...late]) reject(unavailable(error));
      }
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = nextBatch(queue);
      queue = queue.slice(batch.length);
      await write(batch);
    }
    writing = undefined;
  }

  return {
    database,
    recorder,
    async record(...recorded) {
      if (recorded.length === 0) return;
      const events = recorded.map((one) => newEvent(one, recorder, now()));
      await new Promise<void>((resolve, reject) => {
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
