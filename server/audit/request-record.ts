import { setImmediate as nextTurn } from 'node:timers/promises';

import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Announce } from '../experiments/experiments-of.ts';
import { requestedEvent, type CallIdentity } from './call-events.ts';
import { findTrail } from './find-trail.ts';
import { redacted } from './recorded-arguments.ts';

/** The first event of a call, written once. */
export interface RequestRecord {
  readonly announce: Announce;
  readonly announced: boolean;
  /** Of the run that the call starts or changes, as soon as it is known. */
  readonly workflowId: string | undefined;
  /** Resolves when the event is on the disk. @throws Failure AUDIT_UNAVAILABLE */
  written(): Promise<void>;
}

interface RequestToRecord {
  readonly call: CallIdentity;
  readonly rule: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly changes: boolean;
}

/** What changes anything waits until the event is on the disk; what only reads goes on while it is written. */
export function createRequestRecord(
  log: Pick<AuditLog, 'record' | 'database'>,
  { call, rule, args, changes }: RequestToRecord,
): RequestRecord {
  let writing: Promise<void> | undefined;
  let workflowId: string | undefined;

  async function write(starting: string | undefined): Promise<void> {
    // Of two things that can be done at once, the one that the caller waits for goes first.
    if (!changes) await nextTurn();
    workflowId = starting ?? (changes ? await namedWorkflow() : undefined);
    await log.record(requestedEvent(call, { rule, args: redacted(args), workflowId }));
  }

  /** The workflow of the run that the call is about, if the log knows it. */
  async function namedWorkflow(): Promise<string | undefined> {
    const id = args['run_id'] ?? args['taskId'];
    if (typeof id !== 'string') return undefined;
    // A database that is away is found out by the event itself.
    const trail = await findTrail(log.database, call.caller.tenant, id).catch(() => undefined);
    return trail?.workflowId;
  }

  const announce = (starting?: string): Promise<void> => {
    writing ??= write(starting);
    // Nobody may be waiting for it yet.
    writing.catch(() => undefined);
    return changes ? writing : Promise.resolve();
  };
  return {
    announce,
    async written() {
      await announce();
      await writing;
    },
    get announced() {
      return writing !== undefined;
    },
    get workflowId() {
      return workflowId;
    },
  };
}
