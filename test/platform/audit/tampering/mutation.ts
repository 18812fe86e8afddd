import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { appendEvents, type PlacelessEvent } from '../../../../platform/audit/append-events.ts';
import { openAuditDatabase } from '../../../../platform/audit/database/open-database.ts';
import type { RandomState } from '../../../../learning/random/random-state.ts';
import { checkpointsIn, databaseIn } from './sample-log.ts';

/** What a mutation did. */
export interface Touched {
  /** First event that it changed; undefined when it changed none. */
  readonly seq?: number;
  /** Whether nothing hides which event it was. */
  readonly plain: boolean;
  /** Size of the checkpoint that it changed. */
  readonly checkpoint?: number;
}

export interface Mutation {
  readonly name: string;
  /** Changes a copy of the sample log. @param pick a random whole number, both ends included */
  apply(folder: string, pick: (from: number, to: number) => number): Promise<Touched> | Touched;
}

export function picker(random: RandomState): (from: number, to: number) => number {
  return (from, to) => from + random.interval(to - from);
}

export const copyOf = async (from: string, to: string): Promise<void> => {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
};

/** A second connection, with the triggers that guard the events dropped. */
export function raw(folder: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(databaseIn(folder));
  try {
    database.exec(
      'DROP TRIGGER IF EXISTS audit_events_fixed; DROP TRIGGER IF EXISTS audit_events_kept',
    );
    work(database);
  } finally {
    database.close();
  }
}

/** Moves the events from `seq` on, without touching what they say. */
export function shift(database: DatabaseSync, seq: number, by: number): void {
  const of = `UPDATE audit_events SET seq =`;
  const where = `WHERE chain = 'default'`;
  database.exec(`${of} -(seq + ${by}) ${where} AND seq >= ${seq}; ${of} -seq ${where} AND seq < 0`);
}

type Event = Record<string, unknown>;

/** What a clever attacker does: writes the chain anew with all its hashes, subjects, nodes and its end. */
export async function rewrite(folder: string, change: (events: Event[]) => Event[]): Promise<void> {
  let bodies: string[] = [];
  raw(folder, (database) => {
    const rows = database
      .prepare(`SELECT body FROM audit_events WHERE chain = 'default' ORDER BY seq`)
      .all();
    bodies = rows.map(({ body }) => String(body));
    for (const table of ['chains', 'events', 'subjects', 'nodes']) {
      database.exec(`DELETE FROM audit_${table} WHERE chain = 'default'`);
    }
  });
  const changed = change(bodies.map((body) => JSON.parse(body) as Event));
  const database = openAuditDatabase({ path: databaseIn(folder) });
  const events = changed.map((event) => ({
    event: event as unknown as PlacelessEvent,
    ...{ fresh: true, secrets: [] },
  }));
  await appendEvents(database, events, { again: false });
  await database.tables.destroy();
}

export async function checkpointFiles(folder: string): Promise<string[]> {
  const own = join(checkpointsIn(folder), 'default');
  return (await readdir(own)).sort().map((name) => join(own, name));
}

export const sizeOf = (file: string): number => Number(/(\d+)\.json$/.exec(file)?.[1]);

export async function changeJson(file: string, change: (value: Event) => unknown): Promise<void> {
  const value = JSON.parse(await readFile(file, 'utf8')) as Event;
  await writeFile(file, `${JSON.stringify(change(value))}\n`);
}
