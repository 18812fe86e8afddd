import { SERVICE_CHAIN, type AuditEvent } from '../../../schemas/audit-event.ts';
import type { AuditDatabase } from '../database/open-database.ts';

/** What a run's steps were computed with; several where workers of several versions took part, none where nobody recorded it. */
export interface RunVersions {
  readonly code: readonly string[];
  /** SHA-256 of lock files: a library of another version makes another. */
  readonly dependencies: readonly string[];
  readonly node: readonly string[];
}

/** Reads the versions of the workers that made attempts of a run, out of the run's own events. */
export async function runVersions(
  database: Pick<AuditDatabase, 'tables'>,
  events: readonly AuditEvent[],
): Promise<RunVersions> {
  const own = events.filter(
    (event) => event['event.name'] === 'run.started' || event['event.name'] === 'attempt.ended',
  );
  const until = Math.max(0, ...own.map(({ timestamp }) => Date.parse(timestamp)));
  const instances = [...new Set(own.map((event) => event['service.instance.id']))];
  const starts = await Promise.all(
    instances.map((instance) => lastStart(database, instance, until)),
  );
  const found = starts.filter((start) => start !== undefined);
  const lockFiles = [...own, ...found].flatMap((event) =>
    'dependencies.sha256' in event ? [event['dependencies.sha256']] : [],
  );
  return {
    code: distinct(own.map((event) => event['service.version'])),
    dependencies: distinct(lockFiles),
    node: distinct(found.map((start) => start['process.runtime.version'])),
  };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

type ServiceStarted = Extract<AuditEvent, { readonly 'event.name': 'service.started' }>;

/** A worker's start is recorded beside its first attempts, not before them. */
const BESIDE_MILLISECONDS = 60_000;
/** Processes that had the same host and number are rare. */
const MOST_STARTS = 20;

async function lastStart(
  { tables }: Pick<AuditDatabase, 'tables'>,
  instance: string,
  until: number,
): Promise<ServiceStarted | undefined> {
  const rows = await tables
    .selectFrom('audit_events')
    .select('body')
    .where('chain', '=', SERVICE_CHAIN)
    .where('name', '=', 'service.started')
    .where('body', 'like', `%${JSON.stringify(instance)}%`)
    .where('time', '<=', until + BESIDE_MILLISECONDS)
    .orderBy('seq', 'desc')
    .limit(MOST_STARTS)
    .execute();
  const starts = rows.map(({ body }) => JSON.parse(body) as ServiceStarted);
  return starts.find((start) => start['service.instance.id'] === instance);
}
