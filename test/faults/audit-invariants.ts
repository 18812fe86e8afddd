import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { canonical } from '../../platform/audit/chain.ts';
import { commitmentTo, wellFormed } from '../../platform/audit/commitment.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { STEPS } from '../../schemas/names.ts';
import type { Started } from './experiments.ts';
import { Violation } from './violation.ts';
import type { Stage } from './stage.ts';

type Event = Readonly<Record<string, unknown>>;
type AttemptEvent = Extract<AuditEvent, { 'event.name': 'attempt.started' | 'attempt.ended' }>;

/**
 * Holds the audit log against two records that know nothing of it, Temporal's histories and the workers' own
 * log lines: every attempt that ran has its start, every one that ended its end, each once, and what was
 * committed to is what the history holds.
 * @throws Violation
 */
export async function checkAudit(stage: Stage, started: readonly Started[]): Promise<void> {
  const lines = attemptLines(stage.said());
  const database = new DatabaseSync(join(stage.stateDir, 'audit', 'audit.db'), { readOnly: true });
  try {
    for (const { workflowId } of started) {
      const events = eventsOf(database, workflowId);
      const attempts = checkAttempts(workflowId, events);
      checkLines(workflowId, attempts, lines.get(workflowId) ?? []);
      await checkHistory(stage, { workflowId, attempts, salt: saltOf(database, workflowId) });
      const starts = events.filter((event) => event['event.name'] === 'run.started');
      demand(starts.length === 1, `${workflowId} has ${starts.length} starts`);
      await checkReceipt(stage, workflowId, events);
    }
  } finally {
    database.close();
  }
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(`audit: ${what}`);
}

function eventsOf(database: DatabaseSync, workflowId: string): Event[] {
  const rows = database
    .prepare(
      `select body from audit_events events join audit_subjects subjects using (chain, seq)
       where subject = ? order by seq`,
    )
    .all(`workflow:${workflowId}`);
  return rows.map((row) => JSON.parse(String(row['body'])) as Event);
}

function saltOf(database: DatabaseSync, workflowId: string): string {
  const row = database
    .prepare('select salt from audit_private where workflow_id = ? and body = ?')
    .get(workflowId, JSON.stringify(`salt of ${workflowId}`));
  return String(row?.['salt']);
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
    const { workflowId, activity, attempt } = JSON.parse(line) as Line & { workflowId: string };
    return [{ workflowId, activity, attempt, outcome }];
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
  stage: Stage,
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
  stage: Stage,
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
