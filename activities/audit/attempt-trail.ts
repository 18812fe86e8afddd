import { Context } from '@temporalio/activity';

import type { AuditLog } from '../../platform/audit/audit-log.ts';
import { chainOfAttempt, attemptFields } from './attempt-fields.ts';

/** At most so often, of one attempt: a training of days shall not bury what else happened. */
const CHECKPOINTS_EVERY_MS = 60_000;

/** What happens within an attempt and is worth an event of its own. */
export interface AttemptTrail {
  /** The first one, and then one a minute. */
  checkpointSaved(saved: { readonly iteration: number; readonly sha256: string }): Promise<void>;
  checkpointResumed(sha256: string): Promise<void>;
}

/** The trail of the attempt that is running now. */
export function attemptTrail(log: AuditLog | undefined): AttemptTrail {
  // Taken now: threads tell of themselves in a context of their own.
  const { info } = Context.current();
  const chain = chainOfAttempt(info);
  const fields = attemptFields(info);
  let savedAt = -Infinity;
  return {
    async checkpointSaved({ iteration, sha256 }) {
      if (!log || performance.now() - savedAt < CHECKPOINTS_EVERY_MS) return;
      savedAt = performance.now();
      await log.record({
        ...{ name: 'checkpoint.saved', chain },
        fields: { ...fields, iteration, 'checkpoint.sha256': sha256 },
      });
    },
    async checkpointResumed(sha256) {
      await log?.record({
        ...{ name: 'checkpoint.resumed', chain },
        fields: { ...fields, 'checkpoint.sha256': sha256 },
      });
    },
  };
}
