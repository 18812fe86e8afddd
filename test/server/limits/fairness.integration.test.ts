import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { makeKey } from '../../../server/access/api-key.ts';
import { writeKeyList } from '../../../server/access/key-list.ts';
import { startTestService } from '../../support/test-service.ts';

const MANY = 60;
const FEW = 3;
const source = { kind: 'file', path: 'shared:train.csv', target: 'label' };

it('lets a tenant’s few experiments end while another’s many wait', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'fairness-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const keys = ['busy', 'quiet'].map((tenant) =>
    makeKey({ name: 'agent', tenant, scopes: ['experiments:run'], expires: null }, new Date()),
  );
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  await writeKeyList(
    API_KEYS_FILE,
    keys.map(({ entry }) => entry),
  );
  const service = await startTestService((data) => ({
    ...{ API_KEYS_FILE, DATA_ROOTS: `*/shared=${data}` },
    // So that there is something to wait for.
    MAX_ACTIVITIES: '2',
  }));
  stack.defer(() => service.stop());
  const [busy = '', quiet = ''] = keys.map(({ text }) => text);
  const start = async (key: string): Promise<string> => {
    const response = await fetch(`${service.url}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        tool: 'mlflow.run_experiment',
        params: { experiment_name: 'fairness', source, wait_seconds: 0 },
      }),
    });
    const { result } = (await response.json()) as { result: { workflow_id: string } };
    return result.workflow_id;
  };
  const handleOf = (id: string) => service.temporal.workflow.getHandle(id);
  const several = (key: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => start(key)));
  const many = await several(busy, MANY);
  stack.defer(async () => {
    await Promise.all(
      many.map((id) =>
        handleOf(id)
          .terminate()
          .catch(() => undefined),
      ),
    );
  });
  const few = await several(quiet, FEW);
  await Promise.all(few.map((id) => handleOf(id).result()));
  const states = await Promise.all(many.map(async (id) => (await handleOf(id).describe()).status));
  const ended = states.filter(({ name }) => name !== 'RUNNING');
  expect(ended.length).toBeLessThan(MANY / 4);
}, 120_000);
