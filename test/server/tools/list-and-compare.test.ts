import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import { openCaller } from '../../../schemas/caller.ts';
import { comparison } from '../../../server/experiments/compare-runs.ts';
import { listRuns } from '../../../server/experiments/list-runs.ts';
import { createDoors } from '../fake-experiments.ts';
import { fakeTracking } from '../experiments/fake-tracking.ts';
import { trackedRun, workflowId } from '../experiments/tracked-run.ts';

const runs = Array.from({ length: 10 }, (_, n) => trackedRun(n));
const named = runs.map((run, n) => ({ run, workflowId: n === 0 ? workflowId(0) : undefined }));
const doors = createDoors({
  list: (request) => listRuns(fakeTracking(runs), request),
  compare: async ({ detail }) => comparison({ runs: named, missing: ['gone'] }, detail),
});

describe.each([
  ['mlflow_list_runs', 'mlflow.list_runs', {}],
  ['mlflow_compare_runs', 'mlflow.compare_runs', { run_ids: ['a', 'b'] }],
])('%s', (name, dottedName, args) => {
  const call = async (tool: string) => {
    const context = {
      ...{
        signal: new AbortController().signal,
        caller: openCaller('test'),
        defaultWaitSeconds: 0,
      },
    };
    const outcome = await doors.options.callTool(tool, args, context);
    if (!outcome.ok) throw new Error(outcome.failure.message);
    return outcome;
  };

  it('takes less than 1000 tokens', async () => {
    const { output } = await call(name);
    expect(countTokens(JSON.stringify(output))).toBeLessThan(1000);
  });

  it('keeps to the schema that it advertises, under both names', async () => {
    const tool = doors.options.tools.find((candidate) => candidate.name === name);
    expect(tool?.dottedName).toBe(dottedName);
    const { output } = await call(dottedName);
    expect(
      tool?.output.strict().safeParse(JSON.parse(JSON.stringify(output))).error,
    ).toBeUndefined();
  });
});
