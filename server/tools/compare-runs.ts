import {
  compareRunsSchema,
  runComparisonSchema,
  type RunComparison,
  type Sameness,
} from '../../schemas/compare-runs.ts';
import { defineTool } from './tool.ts';

export const compareRunsTool = defineTool({
  name: 'mlflow_compare_runs',
  dottedName: 'mlflow.compare_runs',
  title: 'Compare runs',
  description:
    'Sets 2 to 10 runs side by side: params that differ, metrics, the best, and whether data, split and code ' +
    'are the same. Ids: mlflow_list_runs. detail full when truncated.',
  input: compareRunsSchema,
  output: runComparisonSchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  run: (request, { experiments }) => experiments.compare(request),
  summarise: comparisonText,
});

/** Runs are numbered; values stand in their order. */
function comparisonText(answer: RunComparison): string {
  const { runs, missing } = answer;
  const line = (name: string, values: readonly (string | number | null)[]): string =>
    `${name}: ${values.map((value) => value ?? '-').join(' | ')}`;
  const numberOf = (runId: string | null): string =>
    runId === null ? 'a tie' : `run ${runs.findIndex(({ run_id: id }) => id === runId) + 1}`;
  const best = Object.entries(answer.best).map(([name, id]) => `${name} ${numberOf(id)}`);
  const params = Object.entries(answer.params);
  return [
    ...runs.map(({ run_id: id, workflow_id: workflow, status }, i) =>
      [`Run ${i + 1}:`, id, ...(workflow === undefined ? [] : [workflow]), status].join(' '),
    ),
    ...Object.entries(answer.metrics).map(([name, values]) => line(name, values)),
    best.length === 0 ? '' : `Best: ${best.join(', ')}.`,
    `${params.length === 0 ? 'No params' : 'Params'} that differ (${answer.equal_params} are equal):`,
    ...params.map(([name, values]) => line(`- ${name}`, values)),
    ...Object.entries(answer.same).map(([what, same]) => sameness(what, same)),
    ...answer.notes.map((note) => `Note: ${note}`),
    missing.length === 0 ? '' : `Missing: ${missing.join(', ')}`,
    answer.truncated ? 'Truncated: values were cut, or params and metrics left out.' : '',
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function sameness(what: string, { answer, reason }: Sameness): string {
  return `Same ${what}: ${answer}. ${reason}`;
}
