import { canonical } from '../../platform/audit/chain.ts';
import { commitmentTo, wellFormed } from '../../platform/audit/commitment.ts';
import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { STEPS } from '../../schemas/names.ts';
import type { Started } from './experiments.ts';
import type { Installation } from './installation.ts';
import { Violation } from './violation.ts';

type Event = Readonly<Record<string, unknown>>;
type AttemptEvent = Extract<AuditEvent, { 'event.name': 'attempt.started' | 'attempt.ended' }>;

/**
 * Holds the audit log against two records that know nothing of it, Temporal's histories and the workers' own
 * log lines: every attempt that ran has its start, every one that ended its end, each once, and what was
 * committed to is what the history holds.
 * @throws Violation
 */
export async function checkAudit(stage: Installation, started: readonly Started[]): Promise<void> {
  const lines = attemptLines(stage.said());
  for (const { workflowId } of started) {
    const events = await eventsOf(stage.audit, workflowId);
    const attempts = checkAttempts(workflowId, events);
    checkLines(workflowId, attempts, lines.get(workflowId) ?? []);
    await checkHistory(stage, {
      workflowId,
      attempts,
      salt: await saltOf(stage.audit, workflowId),
    });
    const starts = events.filter((event) => event['event.name'] === 'run.started');
    demand(starts.length === 1, `${workflowId} has ${starts.length} starts`);
    await checkReceipt(stage, workflowId, events);
  }
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(`audit: ${what}`);
}

async function eventsOf({ tables }: AuditDatabase, workflowId: string): Promise<Event[]> {
  const rows = await tables
    .selectFrom('audit_events')
    .innerJoin('audit_subjects', (join) =>
      join
        .onRef('audit_subjects.chain', '=', 'audit_events.chain')
        .onRef('audit_subjects.seq', '=', 'audit_events.seq'),
    )
    .select('audit_events.body')
    .where('subject', '=', `workflow:${workflowId}`)
    .orderBy('audit_events.seq')
    .execute();
  return rows.map(({ body }) => JSON.parse(body) as Event);
}

async function saltOf({ tables }: AuditDatabase, workflowId: string): Promise<string> {
  const row = await tables
    .selectFrom('audit_private')
    .select('salt')
    .where('workflow_id', '=', workflowId)
    .where('body', '=', JSON.stringify(`salt of ${workflowId}`))
    .executeTakeFirst();
  return String(row?.salt);
}

interface Recorded {
  readonly started: AttemptEvent;
  readonly ended: AttemptEvent | undefined;
}

/** Each attempt once, and none ended that had not started. */
function checkAttempts(workflowId: string, events: readonly Event[]): Recorded[] {
  const attempts = new Map<string, Recorded>();
  for (const event of events as unknown as AttemptEvent[]) {
    const name = event['event.name'];
    if (name !== 'attempt.started' && name !== 'attempt.ended') continue;
    const key = ['temporal.run_id', 'temporal.activity_id', 'temporal.attempt']
      .map((field) => String((event as unknown as Event)[field]))
      .join('/');
    const known = attempts.get(key);
    if (name === 'attempt.started') {
      demand(!known, `${workflowId} has ${key} started twice`);
      attempts.set(key, { started: event, ended: undefined });
    } else {
      demand(known !== undefined, `${workflowId} has ${key} ended that never started`);
      demand(!known.ended, `${workflowId} has ${key} ended twice`);
      attempts.set(key, { ...known, ended: event });
    }
  }
  return [...attempts.values()];
}

interface Line {
  readonly activity: string;
  readonly attempt: number;
  readonly outcome: string;
}

/** What workers said of attempts that ended, by workflow. */
function attemptLines(said: string): Map<string, Line[]> {
  const lines = said.split('\n').flatMap((line) => {
    const [, outcome] = /"msg":"attempt (completed|failed|cancelled)"/.exec(line) ?? [];
    if (outcome === undefined) return [];
    // A process that is killed may leave half a line.
    const { workflow_id, activity, attempt } = JSON.parse(line) as Line & { workflow_id: string };
    return [{ workflowId: workflow_id, activity, attempt, outcome }];
  });
  return Map.groupBy(lines, ({ workflowId }) => workflowId);
}

function checkLines(
  workflowId: string,
  attempts: readonly Recorded[],
  lines: readonly Line[],
): void {
  for (const { activity, attempt, outcome } of lines) {
    const found = attempts.some(
      ({ started, ended }) =>
        started['temporal.activity'] === activity &&
        started['temporal.attempt'] === attempt &&
        (ended as { outcome?: string } | undefined)?.outcome === outcome,
    );
    // The log was away when it should have begun: then the step did not run.
    demand(found, `${workflowId}: attempt ${attempt} of ${activity} ${outcome} without a record`);
  }
}

/** Every result in the history is that of a recorded attempt, and what it committed to. */
async function checkHistory(
  stage: Installation,
  {
    workflowId,
    attempts,
    salt,
  }: { workflowId: string; attempts: readonly Recorded[]; salt: string },
): Promise<void> {
  const { events = [] } = await stage.temporal.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = new Map(
    (events ?? []).map((event) => [
      String(event.eventId),
      event.activityTaskScheduledEventAttributes,
    ]),
  );
  const startedBy = new Map(
    (events ?? []).map((event) => [
      String(event.eventId),
      event.activityTaskStartedEventAttributes,
    ]),
  );
  for (const event of events ?? []) {
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) continue;
    const activity = scheduled.get(String(completed.scheduledEventId));
    const attempt = startedBy.get(String(completed.startedEventId))?.attempt;
    const record = attempts.find(
      ({ started }) =>
        started['temporal.activity_id'] === activity?.activityId &&
        started['temporal.attempt'] === attempt,
    );
    const name = `${workflowId}: attempt ${attempt} of ${activity?.activityType?.name}`;
    const ended = record?.ended as Event | undefined;
    demand(ended?.['outcome'] === 'completed', `${name} completed without a record`);
    const data = completed.result?.payloads?.[0]?.data;
    const { usage: _usage, ...result } = JSON.parse(Buffer.from(data ?? []).toString()) as Event;
    const commitment = commitmentTo(salt, canonical(wellFormed(result)));
    demand(ended['output.commitment'] === commitment, `${name} recorded another result`);
  }
  const steps = new Set(attempts.map(({ started }) => started['temporal.activity']));
  for (const step of [STEPS.validate, STEPS.open, STEPS.load, STEPS.close]) {
    demand(steps.has(step), `${workflowId} has no record of ${step}`);
  }
}

/** The receipt beside the run's artifacts is the one that the log speaks of. */
async function checkReceipt(
  stage: Installation,
  workflowId: string,
  events: readonly Event[],
): Promise<void> {
  const attached = events.findLast((event) => event['event.name'] === 'receipt.attached');
  demand(attached !== undefined, `${workflowId} has no receipt`);
  const address = `${stage.mlflow}/get-artifact?path=audit/receipt.json&run_uuid=${String(attached['mlflow.run_id'])}`;
  const response = await fetch(address);
  demand(response.ok, `${workflowId}: MLflow has no receipt of it`);
  const receipt = (await response.json()) as { workflow_id: string; checkpoint: { root: string } };
  demand(receipt.workflow_id === workflowId, `${workflowId} has another run’s receipt`);
}
