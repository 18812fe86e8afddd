import { setTimeout as wait } from 'node:timers/promises';

import type { Info } from '@temporalio/activity';

import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Recorded } from '../../platform/audit/new-event.ts';
import { canonical } from '../../platform/audit/chain.ts';
import { commitmentTo, committed, wellFormed } from '../../platform/audit/commitment.ts';
import type { EventFields } from '../../schemas/audit-event.ts';
import type { CloseInput, ExperimentInput } from '../../schemas/experiment.ts';
import { Failure } from '../../schemas/failure.ts';
import { endedByCancellation, toFailure } from '../failures.ts';
import { heartbeats } from '../heartbeats.ts';
import { attemptFields, chainOfAttempt, executionOf, runFields } from './attempt-fields.ts';
import { attemptFacts, decisions } from './attempt-facts.ts';
import type { ReadHistoryFacts } from './history-facts.ts';
import { createKnownExecutions, type Execution } from './known-executions.ts';

/** One attempt, as Temporal tells of it. */
export interface Attempt {
  readonly info: Info;
  readonly input: unknown;
  readonly signal: AbortSignal;
}

export interface AuditedAttempts {
  /**
   * Runs an attempt between its two events: no step begins, and none ends, that the log does not know of.
   * @throws Failure AUDIT_UNAVAILABLE when it may not begin; whatever the step throws
   */
  during<T>(attempt: Attempt, run: () => Promise<T>): Promise<T>;
}

const AGAIN_MILLISECONDS = 1000;

export function createAuditedAttempts(
  log: AuditLog,
  sources: { readonly historyFacts: ReadHistoryFacts; readonly dependenciesHash: string },
): AuditedAttempts {
  const saltOf = createKnownExecutions(log, sources);

  return {
    async during(attempt, run) {
      const { info, input, signal } = attempt;
      const { request, execution } = whose(attempt);
      const { chain } = execution;
      const fields = attemptFields(info);
      const salt = await unavailableUnlessRead(saltOf(execution, request));
      await log.record(
        {
          ...{ name: 'attempt.started', chain, id: eventId(info, 'started') },
          fields: { ...fields, 'input.commitment': commitmentOf(salt, input) },
        },
        ...(await unavailableUnlessRead(cancelRequest(attempt, execution, sources.historyFacts))),
      );
      const startedAt = performance.now();
      const ended = (how: Partial<EventFields<'attempt.ended'>> & Outcome): Recorded => ({
        ...{ name: 'attempt.ended', chain, id: eventId(info, 'ended') },
        fields: { ...fields, duration_ms: Math.round(performance.now() - startedAt), ...how },
      });
      const activity = info.activityType;
      let output;
      let events: Recorded[];
      try {
        output = await run();
        events = [
          ended({
            outcome: 'completed',
            'output.commitment': commitmentOf(salt, output),
            ...attemptFacts(activity, output, input),
          }),
          ...decisions({ activity, chain, run: runFields(info) }, output, input),
        ];
      } catch (error) {
        const outcome: Outcome = endedByCancellation(error, signal)
          ? { outcome: 'cancelled' }
          : { outcome: 'failed', 'error.type': toFailure(error).code };
        await recordEnd(log, [ended(outcome)], signal);
        throw error;
      }
      await recordEnd(log, events, signal);
      return output;
    },
  };
}

type Outcome = Pick<EventFields<'attempt.ended'>, 'outcome' | 'error.type'>;

/** Of which run an attempt is; some steps get the request, others know the workflow’s id alone. */
function whose({ info, input }: Attempt): {
  readonly execution: Execution;
  readonly request: ExperimentInput | undefined;
} {
  const given = input as Partial<ExperimentInput> & { readonly request?: ExperimentInput };
  const request = given.request ?? (given.experimentName === undefined ? undefined : given);
  const chain = chainOfAttempt(info, request?.tenant ?? given.tenant);
  return {
    execution: { chain, ...executionOf(info) },
    request: request as ExperimentInput | undefined,
  };
}

/** Attempts are counted anew when somebody resets an activity in the Temporal UI; no two are scheduled at one time. */
function eventId(info: Info, which: 'started' | 'ended'): string {
  const { workflowExecution, activityId, attempt, currentAttemptScheduledTimestampMs: at } = info;
  return `attempt/${workflowExecution?.runId}/${activityId}/${attempt}/${at}/${which}`;
}

function commitmentOf(salt: string, value: unknown): string {
  return commitmentTo(salt, canonical(wellFormed(value)));
}

/** Who asked for the end of a run that is closed because somebody did. */
async function cancelRequest(
  { info, input }: Attempt,
  execution: Execution,
  historyFacts: ReadHistoryFacts,
): Promise<Recorded[]> {
  if (info.activityType !== 'closeRun' || (input as CloseInput).status !== 'KILLED') return [];
  const { cancelled } = await historyFacts(execution);
  if (!cancelled) return [];
  const { chain, workflowId, runId } = execution;
  const reason = cancelled.why === undefined ? undefined : committed(cancelled.why, workflowId);
  return [
    {
      ...{
        name: 'run.cancel_requested',
        chain,
        id: `cancel/${runId}`,
        secrets: reason && [reason],
      },
      fields: {
        ...runFields(info),
        'user.id': cancelled.who,
        ...(reason && { 'reason.commitment': reason.commitment }),
      },
    },
  ];
}

/** A log that can't be read can't be written either. */
async function unavailableUnlessRead<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(
      'AUDIT_UNAVAILABLE',
      'What the audit log has to say of this run can’t be read.',
      'See that Temporal and AUDIT_DATABASE_URL answer, or that STATE_DIR/audit can be read; the step goes on by itself.',
      { cause },
    );
  }
}

/** What has happened is kept until it is recorded: the step’s result waits, its heartbeats go on. */
async function recordEnd(
  log: AuditLog,
  events: readonly Recorded[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await log.record(...events);
    } catch (error) {
      // What is no event will not become one.
      if (signal.aborted || !(error instanceof Failure)) throw error;
      heartbeats()?.report({ message: 'waiting for the audit log' });
      await wait(AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }
}
