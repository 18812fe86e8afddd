import { createHash } from 'node:crypto';

import type { RunView } from '../../schemas/run-view.ts';
import { isGoing } from './run-join.ts';

/** A hash of what a run is at: equal as long as nothing but the progress within a step has changed. */
export function cursorOf({
  status,
  workflow,
  steps,
  failure,
  notes,
}: Pick<RunView, 'status' | 'workflow' | 'steps' | 'failure' | 'notes'>): string {
  const meaning = [
    ...[status, workflow?.run_id, workflow?.status, failure?.code],
    ...steps.map((step) => [step.step, step.status, step.attempts, step.failure?.code]),
    ...notes,
  ];
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 16);
}

const LEAST_SECONDS = 2;
/** As long as one call may wait. */
const MOST_SECONDS = 45;

/** A run that has gone on for long will go on for long: a quarter of its age. */
export function nextPollSeconds(workflow: RunView['workflow'], now: number): number | null {
  if (!workflow || !isGoing(workflow.status)) return null;
  const age = (now - Date.parse(workflow.started_at ?? '')) / 1000;
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.round(age / 4) || 0));
}
