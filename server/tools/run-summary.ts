import type { RunSummary, RunView, StepView } from '../../schemas/run-view.ts';
import {
  ANSWER_TOKENS,
  createRoom,
  createTextCutter,
  tokensOf,
} from '../experiments/bounded-values.ts';

/** So many of a run's params and artifacts are shown unless all are asked for. */
const MOST_SHOWN = 16;
/** A param with a longer value, such as the list of features, is cut; in characters, as is a warning. */
const LONGEST_VALUE = 80;
const LONGEST_WARNING = 200;

/** A run in under a thousand tokens: without what is null, and of long lists the beginning. */
export function summaryOf(view: RunView): RunSummary {
  const values = createTextCutter(LONGEST_VALUE);
  const sentences = createTextCutter(LONGEST_WARNING);
  const lists = { warnings: [], params: {}, artifacts: [] };
  const summary = { ...view, ...lists, steps: view.steps.map(stepSummary) };
  const room = createRoom(ANSWER_TOKENS - tokensOf(summary));
  const params = Object.entries(view.params);
  const shown = {
    warnings: room.fitting(view.warnings.map((warning) => sentences.cut(warning))),
    params: room.fitting(
      params.slice(0, MOST_SHOWN).map(([name, value]) => [values.cut(name), values.cut(value)]),
    ),
    artifacts: room.fitting(view.artifacts.slice(0, MOST_SHOWN)),
  };
  return {
    ...summary,
    ...{ ...shown, params: Object.fromEntries(shown.params) as RunSummary['params'] },
    truncated:
      [values, sentences].some(({ used }) => used) ||
      room.exceeded ||
      Math.max(params.length, view.artifacts.length) > MOST_SHOWN,
  };
}

/** A completed step's end is its start and its duration. */
function stepSummary({ ended_at: _, ...step }: StepView): RunSummary['steps'][number] {
  const told = Object.entries(step).filter(([, value]) => value !== null);
  return Object.fromEntries(told) as RunSummary['steps'][number];
}
