import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { Failure } from '../../schemas/failure.ts';
import type { AuditTrail, GetAuditRequest } from '../../schemas/get-audit.ts';
import type { Tenancy } from '../experiments/tenancy.ts';
import { fieldOf, findTrail } from './find-trail.ts';
import { timeline } from './timeline.ts';

export interface AuditTrailDependencies {
  readonly auditLog: Pick<AuditLog, 'database' | 'ready'> | undefined;
  readonly tenancy: Pick<Tenancy, 'tenant'>;
}

/** Calls of one run that are looked at for their arguments. */
const MOST_CALLS = 20;

/** One page of a run's events, from the audit log alone; see {@link Experiments.audit}. */
export async function auditTrail(
  { auditLog, tenancy: { tenant: chain } }: AuditTrailDependencies,
  request: GetAuditRequest,
): Promise<AuditTrail> {
  if (!auditLog) throw switchedOff();
  await auditLog.ready();
  try {
    return await readTrail(auditLog.database, chain, request);
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(error);
  }
}

async function readTrail(
  database: AuditDatabase,
  chain: string,
  { run_id: id, cursor = '0', limit }: GetAuditRequest,
): Promise<AuditTrail> {
  const trail = await findTrail(database, chain, id);
  if (!trail) throw noSuchRun();
  const { subject, workflowId } = trail;
  const found = await eventsAbout(database, {
    ...{ chain, subject, after: Number(cursor), limit: limit + 1 },
  });
  const events = found.slice(0, limit);
  const last = events.at(-1);
  return {
    run_id: id === workflowId ? await runIdOf(database, { chain, subject }) : id,
    workflow_id: workflowId,
    events: timeline(events),
    next_cursor: last && found.length > limit ? String(last['audit.seq']) : null,
    checkpoint: await lastCheckpoint(database, chain),
    arguments_erased: await areArgumentsErased(database, { chain, subject }),
  };
}

type About = Pick<Parameters<typeof eventsAbout>[1], 'chain' | 'subject'>;

async function runIdOf(database: AuditDatabase, about: About): Promise<string | null> {
  const names = ['attempt.ended', 'run.reused', 'tool.answered'] as const;
  const events = await eventsAbout(database, { ...about, names, limit: MOST_CALLS });
  const ids = events.map((event) => fieldOf(event, 'mlflow.run_id'));
  return ids.find((id) => id !== undefined) ?? null;
}

async function lastCheckpoint({ tables }: AuditDatabase, chain: string) {
  const row = await tables
    .selectFrom('audit_events')
    .select('body')
    .where('chain', '=', chain)
    .where('name', '=', 'audit.checkpoint')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  const event = JSON.parse(row.body) as AuditEvent & { 'event.name': 'audit.checkpoint' };
  const { 'checkpoint.size': size, 'checkpoint.root': root, timestamp: time } = event;
  return { size, root, time };
}

async function areArgumentsErased(database: AuditDatabase, about: About): Promise<boolean> {
  const { chain } = about;
  const names = ['tool.requested'] as const;
  const calls = await eventsAbout(database, { ...about, names, limit: MOST_CALLS });
  const commitments = calls.flatMap((call) => fieldOf(call, 'arguments.commitment') ?? []);
  if (commitments.length === 0) return false;
  const kept = await database.tables
    .selectFrom('audit_private')
    .select('commitment')
    .where('chain', '=', chain)
    .where('commitment', 'in', commitments)
    .execute();
  return kept.length < commitments.length;
}

function noSuchRun(): Failure {
  return new Failure(
    'RUN_NOT_FOUND',
    'The audit log has no run of that id.',
    'Use the run_id or workflow_id that mlflow_run_experiment returned; events are kept as long as the operator has set.',
  );
}

function switchedOff(): Failure {
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'This server keeps no audit log.',
    'Whoever runs it has set AUDIT=false; mlflow_get_run shows the run itself.',
  );
}

function unreadable(cause: unknown): Failure {
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'The audit log can’t be read.',
    'See that AUDIT_DATABASE_URL answers, or that STATE_DIR/audit can be read; then call again.',
    { cause },
  );
}
