import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { findTemporal } from '../../local/executables.ts';
import { freePort } from '../../local/ports.ts';
import { startTemporalServer } from '../../local/temporal-server.ts';
import { testPython } from '../support/test-environment.ts';

it('the embedded Temporal UI has payloads decoded where it is told to', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'temporal-server-'));
  const codecEndpoint = 'http://127.0.0.1:8000/codec';
  const server = await startTemporalServer({
    ...{ stateDir, codecEndpoint, env: process.env, log: () => undefined },
    executable: await findTemporal({ env: process.env, python: testPython }),
    ...{ port: await freePort(), uiPort: await freePort() },
  });
  try {
    const response = await fetch(`${server.uiUrl}/api/v1/settings`);
    expect(await response.json()).toMatchObject({ Codec: { Endpoint: codecEndpoint } });
  } finally {
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
});
