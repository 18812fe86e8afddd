import { setTimeout as pause } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { freePort } from '../../local/ports.ts';
import { createLogger } from '../../platform/logging.ts';
import { readConfig } from '../../schemas/config.ts';
import { createService } from '../../server/service.ts';
import { temporaryFolder } from '../activities/sources/temporary-folder.ts';

const STATE_DIR = await temporaryFolder();

it('can be closed while it asks for a Temporal that is away', async () => {
  const config = readConfig({
    TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    STATE_DIR,
  });
  const service = await createService(config, createLogger('test', 'silent'), {
    concealing: false,
  });
  const [temporal] = service.neighbours;
  const asked = temporal?.check(AbortSignal.timeout(3000)).then(
    () => 'answered',
    () => 'failed',
  );
  await pause(300);
  await service.close();
  // A call on a closed channel is an error that nobody catches: it would fail this test.
  expect(await asked).toBe('failed');
});
