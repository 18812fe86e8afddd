import type { RunView } from '../../schemas/run-view.ts';
import { currentStepInWords } from '../experiments/progress.ts';
import type { Task } from './task.ts';

type SeenRun = Pick<RunView, 'workflow' | 'steps' | 'notes' | 'next_poll_seconds'>;

/** A run that goes on, or just did, as a task. The workflow's id is the task's: any server can answer for it. */
export function workingTask(taskId: string, view: SeenRun) {
  const { workflow, steps, next_poll_seconds: seconds } = view;
  const times = steps.flatMap((step) => [step.started_at, step.ended_at]);
  const known = [workflow?.started_at, workflow?.ended_at, ...times].filter(
    (time) => typeof time === 'string',
  );
  const createdAt = workflow?.started_at ?? known.toSorted()[0] ?? '';
  return {
    taskId,
    status: 'working',
    statusMessage: [stepInWords(steps), ...view.notes].join('. '),
    createdAt,
    // They are all in UTC, of one length.
    lastUpdatedAt: known.toSorted().at(-1) ?? createdAt,
    // Temporal’s retention begins at a run’s end, so that no length from its start can be told.
    ttlMs: null,
    ...(seconds !== null && { pollIntervalMs: 1000 * seconds }),
  } as const satisfies Task;
}

function stepInWords(steps: SeenRun['steps']): string {
  if (steps.length === 0) return 'starting';
  // Between two steps every known one is done.
  return steps.every(({ status }) => status === 'COMPLETED')
    ? 'going on'
    : currentStepInWords(steps);
}
