import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import { openCaller } from '../../../schemas/caller.ts';
import type { Inspection } from '../../../schemas/inspection.ts';
import { boundedInspection } from '../../../server/experiments/bounded-inspection.ts';
import { createDoors } from '../fake-experiments.ts';

const long = 'x'.repeat(60);
const refused: Inspection = {
  ...{ ok: false, source: 'CSV file a.csv', would_run: null, rows: 5000, rows_read: 'all' },
  column_count: 900,
  columns: Array.from({ length: 50 }, (_, i) => ({ name: `${long}${i}`, type: long, missing: 7 })),
  class_count: 80,
  classes: Array.from({ length: 20 }, (_, i) => ({ label: `${long}${i}`, rows: 11 })),
  split: null,
  problems: Array.from({ length: 10 }, (_, i) => ({
    ...{ code: `CODE_${i}`, field: 'source.features', message: 'm'.repeat(3000), hint: 'Do.' },
  })),
  warnings: ['w'.repeat(3000)],
};
const fine: Inspection = {
  ...{ ok: true, source: 'CSV file a.csv', rows: 40, rows_read: 'all', column_count: 2 },
  would_run: 'Logistic regression on 1 numeric column.',
  columns: [
    { name: 'label', type: 'integer', missing: 0 },
    { name: 'f1', type: 'number' },
  ],
  class_count: 2,
  classes: [
    { label: 'good', rows: 30 },
    { label: true, rows: 10 },
  ],
  split: { train_rows: 32, test_rows: 8 },
  ...{ problems: [], warnings: ['The test set was grown.'] },
};

async function call(inspection: Inspection, name = 'mlflow_validate_source') {
  const doors = createDoors({ inspect: async () => boundedInspection(inspection) });
  const context = {
    signal: new AbortController().signal,
    caller: openCaller('test'),
    defaultWaitSeconds: 0,
  };
  const source = { kind: 'file', path: 'a.csv', target: 'label' };
  const outcome = await doors.options.callTool(name, { source }, context);
  if (!outcome.ok) throw new Error(outcome.failure.message);
  return { ...outcome, tool: doors.options.tools.find((tool) => tool.name.includes('validate')) };
}

describe.each([
  ['a source that is fine', fine],
  ['a source that is refused', refused],
])('mlflow_validate_source of %s', (_name, inspection) => {
  it('takes less than 1000 tokens', async () => {
    const { output } = await call(inspection);
    expect(countTokens(JSON.stringify(output))).toBeLessThan(1000);
  });

  it('keeps to the schema that it advertises, under both names', async () => {
    const { output, tool } = await call(inspection, 'mlflow.validate_source');
    expect(tool?.output.strict().safeParse(output).error).toBeUndefined();
  });
});

describe('an answer of bounded size', () => {
  it('keeps the first problems and counts what it leaves out', async () => {
    const { output } = await call(refused);
    const { problems, column_count } = output as unknown as Inspection;
    expect(problems[0]).toMatchObject({ code: 'CODE_0', hint: 'Do.' });
    expect(column_count).toBe(900);
  });

  it('is whole when there is room', () => {
    expect(boundedInspection(fine)).toEqual(fine);
  });
});
