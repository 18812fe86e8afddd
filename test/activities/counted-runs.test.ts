import { describe, expect, it } from 'vitest';

import { countedRuns } from '../../activities/counted-runs.ts';
import { createMetrics } from '../../platform/metrics/create-metrics.ts';
import type { RunEnd } from '../../schemas/run-end.ts';

function counting() {
  const metrics = createMetrics({ role: 'worker', version: '1' });
  const listener = countedRuns(metrics);
  const end = (runId: string, outcome: RunEnd['outcome'], more: object = {}): void =>
    listener({ outcome, startedAt: 1000, endedAt: 3500 } as RunEnd, {
      workflowId: 'w',
      workflowType: 'runExperiment',
      runId,
      originalExecutionRunId: runId,
      ...more,
    });
  const shown = async (name: string) => {
    const { text } = await metrics.page();
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  };
  const total = (status: string) => shown(`mlflow_experiments_total\\{status="${status}"\\}`);
  return { end, shown, total };
}

describe('the ends of experiments', () => {
  it('are counted once each, by how, with their time', async () => {
    const { end, shown, total } = counting();
    end('a', 'completed');
    end('b', 'failed');
    end('c', 'cancelled');
    // The workflow task of its end failed, and came again.
    end('b', 'failed');
    expect([await total('completed'), await total('failed'), await total('cancelled')]).toEqual([
      1, 1, 1,
    ]);
    expect(await shown('mlflow_experiment_duration_seconds_sum')).toBe(7.5);
  });

  it('count an execution that a reset made, without the time that people took for it', async () => {
    const { end, shown, total } = counting();
    end('a', 'failed');
    end('b', 'completed', { originalExecutionRunId: 'a' });
    expect([await total('completed'), await total('failed')]).toEqual([1, 1]);
    expect(await shown('mlflow_experiment_duration_seconds_count')).toBe(1);
  });

  it('leave out looks at sources', async () => {
    const { end, total } = counting();
    end('a', 'completed', { workflowType: 'inspectSource' });
    expect(await total('completed')).toBe(0);
  });
});
