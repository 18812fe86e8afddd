import { createHash } from 'node:crypto';

import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import { listedTools } from '../../../server/tools/listed-tools.ts';
import { summaryOf } from '../../../server/tools/run-summary.ts';
import type { RunView } from '../../../schemas/run-view.ts';
import { createDoors } from '../fake-experiments.ts';

const tokensOf = (value: unknown): number => countTokens(JSON.stringify(value));
const listed = listedTools(createDoors().options.tools, 'underscore');

describe('the list of tools', () => {
  it('costs a model less than 3 000 tokens', () => {
    expect(tokensOf({ tools: listed })).toBeLessThan(3000);
  });

  it('says of every tool what it does, whether it changes anything, and what every argument is', () => {
    for (const { description, annotations, inputSchema } of listed) {
      expect(description?.length).toBeGreaterThan(80);
      expect(annotations?.readOnlyHint).toBeTypeOf('boolean');
      for (const schema of Object.values(inputSchema.properties as Record<string, object>)) {
        expect('type' in schema || 'oneOf' in schema).toBe(true);
      }
    }
  });

  it('describes a source once, and names the tool that does', () => {
    const [first, second] = listed.map(({ inputSchema }) => inputSchema.properties?.['source']);
    expect(first).toHaveProperty('oneOf');
    expect(second).toEqual({ type: 'object', description: 'As in mlflow_run_experiment.' });
  });
});

const STEPS = ['validate', 'open', 'load', 'split', 'train', 'evaluate', 'log', 'close'];

/** A run with more than anybody's run has. */
const large: RunView = {
  ...{ run_id: 'a'.repeat(32), experiment_id: '123456789012345678', status: 'FINISHED' },
  params: Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`param_${i}`, i === 0 ? 'f1, f2, '.repeat(60) : `${i}`]),
  ),
  metrics: Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`metric_${i}`, i / 7])),
  artifacts: Array.from({ length: 30 }, (_, i) => `report/chart-${i}.svg`),
  workflow: {
    ...{ workflow_id: `experiment-${'b'.repeat(36)}`, run_id: 'c'.repeat(36), status: 'COMPLETED' },
    ...{ started_at: '2026-11-22T12:00:00.000Z', ended_at: '2026-11-22T12:04:00.000Z' },
  },
  steps: STEPS.map((step) => ({
    ...{ step, status: 'COMPLETED' as const, attempts: 1 },
    ...{ started_at: '2026-11-22T12:00:00.000Z', ended_at: '2026-11-22T12:00:20.000Z' },
    ...{ duration_ms: 20_123, waiting_since: null, next_attempt_at: null, failure: null },
  })),
  ...{ failure: null, warnings: [], notes: [], cursor: '0123456789abcdef' },
  next_poll_seconds: null,
  links: {
    mlflow: `http://127.0.0.1:5000/#/experiments/123456789012345678/runs/${'a'.repeat(32)}`,
    temporal: `http://127.0.0.1:8233/namespaces/default/workflows/experiment-${'b'.repeat(36)}`,
  },
};

describe('the summary of a run', () => {
  it('costs less than 1 000 tokens, and says that there is more', () => {
    const summary = summaryOf(large);
    expect(tokensOf(summary)).toBeLessThan(1000);
    expect(summary.truncated).toBe(true);
    expect(Object.keys(summary.params)).toHaveLength(16);
    expect(summary.steps).toHaveLength(STEPS.length);
  });

  it('costs no more with values that take many tokens, and with warnings without end', () => {
    const ids = Array.from({ length: 30 }, (_, i) =>
      createHash('sha256').update(`${i}`).digest('hex'),
    );
    const summary = summaryOf({
      ...large,
      params: Object.fromEntries(ids.map((id, i) => [`hash_${i}`, id])),
      artifacts: ids,
      warnings: ids.map((id) => `${id} `.repeat(9)),
    });
    expect(tokensOf(summary)).toBeLessThan(1000);
    expect(summary).toMatchObject({ truncated: true, run_id: large.run_id, links: large.links });
  });

  it('of a small run holds everything, and is not called truncated', () => {
    const small = { ...large, params: { C: '1' }, artifacts: ['model'] };
    const { steps, ...rest } = summaryOf(small);
    expect(rest).toEqual({ ...small, steps: undefined, truncated: false });
    expect(steps[4]).toEqual({
      ...{ step: 'train', status: 'COMPLETED', attempts: 1, duration_ms: 20_123 },
      started_at: '2026-11-22T12:00:00.000Z',
    });
  });
});
