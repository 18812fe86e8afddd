import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect, inject, it } from 'vitest';

import { watchMemory } from '../../../bench/memory.ts';
import { freePort } from '../../../local/ports.ts';
import { flood } from '../../support/flood.ts';
import { createHonestCaller } from '../../support/honest-caller.ts';
import { startProductProcess } from '../../support/product-process.ts';
import { writeKey } from '../../support/write-key.ts';

/** It takes 170 MB when it is idle, and 330 MB at most in `npm run bench -- garbage`. */
const MOST_BYTES = 600e6;
/** Of one address; the honest caller stays below it. */
const PER_SECOND = 25;

it('serves an honest caller while others send garbage', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flood-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const API_KEYS_FILE = join(folder, 'api-keys.json');
  const key = await writeKey(API_KEYS_FILE);
  const port = await freePort();
  const server = await startProductProcess('server', {
    ...{ API_KEYS_FILE, PORT: String(port), STATE_DIR: folder, HOST: '', BLOB_STORE: '' },
    ...{ TEMPORAL_ADDRESS: inject('temporal'), MLFLOW_TRACKING_URI: inject('mlflow') },
    RATE_PER_ADDRESS: String(PER_SECOND),
  });
  stack.defer(() => server.kill());
  const honest = createHonestCaller(port, '127.0.0.2', { authorization: `Bearer ${key}` });
  const peak = watchMemory(server.pid);
  let going = true;
  const flooded = flood({ port, perSecond: 2000, seconds: 5, from: '127.0.0.3' }).finally(
    () => (going = false),
  );
  while (going) {
    expect(await honest.get('/tools')).toBe(200);
    await honest.invoke('mlflow.list_runs', {});
    await pause(100);
  }
  const { statuses } = await flooded;
  // In two times ten seconds at most; the rest is told to go away before anybody asks who it is.
  expect(statuses['401']).toBeLessThanOrEqual(2 * 10 * PER_SECOND);
  expect(statuses['429']).toBeGreaterThan(0);
  expect(statuses['500']).toBeUndefined();
  expect(peak().bytes).toBeLessThan(MOST_BYTES);
});
