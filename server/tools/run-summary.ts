import type { RunSummary, RunView, StepView } from '../../schemas/run-view.ts';

/** So many of a run's params and artifacts are shown unless all are asked for. */
const MOST_SHOWN = 16;
/** A param with a longer value, such as the list of features, is cut. */
const LONGEST_VALUE = 80;

/** A run in under a thousand tokens: without what is null, and of long lists the beginning. */
export function summaryOf(view: RunView): RunSummary {
  const params = Object.entries(view.params);
  const cut = params.length > MOST_SHOWN || params.some(([, { length }]) => length > LONGEST_VALUE);
  return {
    ...view,
    params: Object.fromEntries(
      params.slice(0, MOST_SHOWN).map(([name, value]) => [name, shortened(value)]),
    ),
    artifacts: view.artifacts.slice(0, MOST_SHOWN),
    steps: view.steps.map(stepSummary),
    truncated: cut || view.artifacts.length > MOST_SHOWN,
  };
}

const shortened = (value: string): string =>
  value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;

/** A completed step's end is its start and its duration. */
function stepSummary({ ended_at: _, ...step }: StepView): RunSummary['steps'][number] {
  const told = Object.entries(step).filter(([, value]) => value !== null);
  return Object.fromEntries(told) as RunSummary['steps'][number];
}
