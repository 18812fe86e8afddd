import type { Client } from '@temporalio/client';

import type { StepView } from '../../schemas/run-view.ts';
import type { Progress } from '../tools/tool.ts';
import { readWorkflow } from './workflow-record.ts';

const LOOK_EVERY_MILLISECONDS = 1500;

/** Tells of a run's steps in words until the signal ends it; what can't be read now is left for the next look. */
export function followProgress(
  client: Client,
  workflowId: string,
  tell: (progress: Progress) => void,
  signal: AbortSignal,
): void {
  let last = '';
  const look = async (): Promise<void> => {
    const record = await readWorkflow(client, workflowId).catch(() => undefined);
    if (signal.aborted || !record) return;
    const progress = progressOf(record.steps);
    if (progress.message === last) return;
    last = progress.message;
    tell(progress);
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MILLISECONDS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** How many steps are done, and what the current one is at. */
export function progressOf(steps: readonly StepView[]): Progress {
  const done = steps.filter(({ status }) => status === 'COMPLETED').length;
  const current = steps.find(({ status }) => status !== 'COMPLETED');
  return { progress: done, total: steps.length, message: current ? words(current) : 'done' };
}

function words({ step, status, attempts, waiting_since, failure, progress }: StepView): string {
  if (status === 'WAITING') {
    const tries = `after ${attempts} attempt(s) since ${waiting_since}`;
    return `${step}: waiting to try again ${tries}: ${failure?.message ?? ''}`;
  }
  return `${step}: ${progress?.message ?? status.toLowerCase()}`;
}
