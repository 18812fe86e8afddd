import { randomUUID } from 'node:crypto';

import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Scope } from '../../schemas/caller.ts';
import type { Failure } from '../../schemas/failure.ts';
import { runFailure } from '../tools/run-failure.ts';
import type { Announce } from '../experiments/experiments-of.ts';
import { completedEnd, failedEnd, unrecordedEnd } from './call-ends.ts';
import { answeredEvent, requestedEvent, type CallIdentity } from './call-events.ts';
import { namesOnly } from './recorded-arguments.ts';
import type { Refusals } from './refusals.ts';
import { createRequestRecord } from './request-record.ts';

/** A call that may be made. */
export interface AllowedCall extends Omit<CallIdentity, 'requestId'> {
  readonly scope: Scope | undefined;
  /** Whether it changes anything: then it waits until the log has it, and its answer until the log has that. */
  readonly changes: boolean;
  readonly args: Readonly<Record<string, unknown>>;
  /** One is made up when the door has none. */
  readonly requestId?: string | undefined;
}

/** A call that may not. */
export interface RefusedCall extends Pick<AllowedCall, 'caller' | 'name' | 'requestId'> {
  /** What decided. */
  readonly rule: string;
  readonly failure: Failure;
  readonly args: unknown;
}

/** Everything that callers ask for, in the log. */
export interface CallAudit {
  /**
   * Makes a call, and records it: no audit, no action.
   * @param work is given what it has to call before it does anything
   * @throws what `work` throws; Failure AUDIT_UNAVAILABLE
   */
  made<Answer>(call: AllowedCall, work: (announce: Announce) => Promise<Answer>): Promise<Answer>;
  /** Resolves when a refusal is in the log, or counted, to be in it as soon as it can be written. */
  refused(call: RefusedCall): Promise<void>;
}

/** For a server that keeps no log. */
export const unrecorded: CallAudit = {
  made: (_call, work) => work(async () => undefined),
  refused: async () => undefined,
};

export interface CallAuditDependencies {
  readonly log: Pick<AuditLog, 'record' | 'database'>;
  readonly refusals: Pick<Refusals, 'add'>;
  /** Whether the server is open to all: then no scope decides. */
  readonly open: boolean;
}

/** Records calls in a log. */
export function createCallAudit({ log, refusals, open }: CallAuditDependencies): CallAudit {
  const ruleOf = (scope: Scope | undefined): string =>
    open || scope === undefined ? 'open server' : `scope ${scope}`;

  async function refused({ caller, name, requestId, ...decided }: RefusedCall): Promise<void> {
    const { rule, failure, args } = decided;
    const call = { caller, name, requestId: requestId ?? randomUUID() };
    const about = { rule, args: namesOnly(args), refused: failure.code };
    await log
      .record(requestedEvent(call, about))
      // Nothing was done that the log would have to know of first.
      .catch(() => refusals.add({ code: failure.code, caller }));
  }

  /** Whether a call was refused before it was announced; that is recorded here. */
  async function turnedAway(call: AllowedCall, error: unknown): Promise<boolean> {
    const { code } = runFailure(error);
    if (code === 'RATE_LIMITED') refusals.add({ code, caller: call.caller });
    else if (code !== 'SCOPE_MISSING') return false;
    else await refused({ ...call, rule: ruleOf(call.scope), failure: error as Failure });
    return true;
  }

  return {
    refused,
    async made(asked, work) {
      const { caller, name, changes, args, requestId = randomUUID() } = asked;
      const call = { caller, name, requestId };
      const rule = ruleOf(asked.scope);
      const request = createRequestRecord(log, { call, rule, args, changes });
      const startedAt = performance.now();
      const [end] = await Promise.allSettled([work(request.announce)]);
      const failed = end.status === 'rejected';
      if (failed && !request.announced && (await turnedAway(asked, end.reason))) throw end.reason;
      await request.written();
      if (failed || changes) {
        const told = {
          workflowId: request.workflowId,
          ...(failed ? failedEnd(end.reason) : completedEnd(end.value)),
        };
        const milliseconds = performance.now() - startedAt;
        await log.record(answeredEvent(call, { ...told, milliseconds })).catch((cause: unknown) => {
          throw changes ? unrecordedEnd(told, cause) : cause;
        });
      }
      if (failed) throw end.reason;
      return end.value;
    },
  };
}
