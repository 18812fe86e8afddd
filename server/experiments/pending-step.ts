import type { temporal } from '@temporalio/proto';

import { heartbeatSchema } from '../../schemas/progress.ts';
import type { StepView } from '../../schemas/run-view.ts';
import { failureView, isoTime, milliseconds, type Decoder } from './history-values.ts';

type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

/** In Temporal's enumeration of a pending activity's states. */
const PENDING_ACTIVITY_STATE_STARTED = 2;

/** A step that has begun and not ended, as Temporal's list of pending activities has it. */
export async function pendingStep(
  step: string,
  pending: PendingActivity,
  decoder: Decoder,
): Promise<StepView> {
  // Any other state is between two attempts, or before the first.
  const running = Number(pending.state) === PENDING_ACTIVITY_STATE_STARTED;
  const tried = Boolean(pending.lastFailure);
  const heartbeat = heartbeatSchema.safeParse(await decoder.payload(pending.heartbeatDetails));
  const { failing, ...progress } = heartbeat.data ?? {};
  const failure = await failureView(pending.lastFailure, decoder);
  const lastEnd = isoTime(milliseconds(pending.lastAttemptCompleteTime ?? pending.scheduledTime));
  return {
    step,
    status: running ? 'RUNNING' : tried ? 'WAITING' : 'PENDING',
    attempts: running ? (pending.attempt ?? 1) : (pending.attempt ?? 1) - 1,
    started_at: isoTime(milliseconds(pending.lastStartedTime)),
    ended_at: null,
    duration_ms: null,
    waiting_since:
      failing && failing.code === failure?.code ? failing.since : running ? null : lastEnd,
    next_attempt_at: running ? null : isoTime(milliseconds(pending.nextAttemptScheduleTime)),
    ...(Object.keys(progress).length > 0 && { progress }),
    failure,
  };
}
