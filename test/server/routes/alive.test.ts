import { describe, expect, it } from 'vitest';

import { createApp } from '../../../server/app.ts';
import { createDoors } from '../fake-experiments.ts';

describe('GET /health/live', () => {
  it('is answered while the neighbours are not there', async () => {
    const check = () => Promise.reject(new Error('away'));
    const neighbours = [{ name: 'mlflow', check }];
    const app = createApp({ ...createDoors().options, neighbours });
    const ask = async (path: string) =>
      (await app.request(path, { headers: { host: 'localhost' } })).status;

    expect([await ask('/health'), await ask('/health/live')]).toEqual([503, 200]);
  });
});
