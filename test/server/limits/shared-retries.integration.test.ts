import { afterAll, beforeAll, expect, it } from 'vitest';

import { freePort } from '../../../local/ports.ts';
import { followRuns } from '../../support/follow-runs.ts';
import { newPostgresDatabase } from '../../support/postgres-database.ts';
import { startProductProcess, type ProductProcess } from '../../support/product-process.ts';
import { startTestService, type TestService } from '../../support/test-service.ts';

let service: TestService;
/** A server of the same installation in a process of its own. */
let other: ProductProcess;
let urls: readonly string[];
const { start, ended } = followRuns(() => service, 'shared retries');

beforeAll(async () => {
  service = await startTestService({ AUDIT_DATABASE_URL: await newPostgresDatabase() });
  const PORT = String(await freePort());
  other = await startProductProcess('server', { ...service.settings, PORT });
  urls = [service.url, `http://127.0.0.1:${PORT}`];
});
afterAll(async () => {
  await other.stop();
  await service.stop();
});

async function retry(url: string, params: object): Promise<unknown> {
  const response = await fetch(`${url}/invoke`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ tool: 'mlflow_retry_run', params }),
  });
  return response.json();
}

it('a retry that two servers are asked for at once is made once', async () => {
  const run_id = await start({ source: { kind: 'file', path: 'train.csv', target: 'label' } });
  await ended(run_id);
  const { workflow } = service.temporal;
  const executions = async () => (await workflow.count(`WorkflowId = '${run_id}'`)).count;
  // The first time one server may still be slower than the other.
  for (const [i, reason] of ['first', 'second', 'third'].entries()) {
    const request = { run_id, step: 'close', reason };
    for (const answer of await Promise.all(urls.map((url) => retry(url, request)))) {
      expect(answer).toMatchObject({ result: { status: 'FINISHED' } });
    }
    await expect.poll(executions).toBe(2 + i);
  }
});
