import { OPTIONAL_STEPS, STEPS, type StepName } from '../../schemas/names.ts';
import type { StepView } from '../../schemas/run-view.ts';
import type { Progress } from '../tools/tool.ts';
import type { Look } from './looks.ts';

const ALL_STEPS = Object.keys(STEPS) as StepName[];
const isRequired = (step: StepName): boolean => !OPTIONAL_STEPS.includes(step);
const TOTAL = ALL_STEPS.filter(isRequired).length;

/** Tells of each look in words, when they are new; the number grows each time, as MCP demands. */
export function createProgressTeller(tell: (progress: Progress) => void): (look: Look) => void {
  let last = '';
  let done = 0;
  let told = 0;
  return ({ step }) => {
    if (!step) return;
    const message = stepInWords(step);
    if (message === last) return;
    last = message;
    const before = ALL_STEPS.slice(0, ALL_STEPS.indexOf(step.step as StepName)).filter(isRequired);
    if (before.length > done) {
      done = before.length;
      told = 0;
    }
    told += 1;
    tell({ progress: done + 1 - 0.9 ** told, total: TOTAL, message });
  };
}

/** What a run is at, of the steps of its view. */
export function currentStepInWords(steps: readonly StepView[]): string {
  const current = steps.find(({ status }) => status !== 'COMPLETED');
  return current ? stepInWords(current) : 'done';
}

function stepInWords({
  step,
  status,
  attempts,
  waiting_since,
  failure,
  progress,
}: StepView): string {
  if (status === 'WAITING') {
    const tries = `after ${attempts} attempt(s) since ${waiting_since}`;
    return `${step}: waiting to try again ${tries}: ${failure?.message.replace(/\.$/, '') ?? ''}`;
  }
  return `${step}: ${progress?.message ?? status.toLowerCase()}`;
}
