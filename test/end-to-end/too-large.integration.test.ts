import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ WORKER_MEMORY_BYTES: String(256 << 20) });
});
afterAll(() => service.stop());

describe('a problem that is larger than the worker', () => {
  it('is a code, not a dead worker', async () => {
    const records = Array.from({ length: 30_000 }, (_, i) => ({
      text: Array.from({ length: 80 }, (__, k) => `w${(i * k) % 4999}`).join(' '),
      label: i % 3,
    }));
    const answer = await service.invoke('mlflow_run_experiment', {
      experiment_name: 'too-large',
      source: { kind: 'inline', records },
    });
    expect(answer).toMatchObject({
      ...{ status: 422, failure: { code: 'MEMORY_LIMIT', step: 'train' } },
    });
    const next = await service.invoke('mlflow_run_experiment', {
      experiment_name: 'too-large',
      source: { kind: 'file', path: 'train.csv', target: 'label' },
    });
    expect(next.error).toBeNull();
  });
});
