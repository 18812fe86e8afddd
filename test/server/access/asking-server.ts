import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger } from '../../../platform/logging.ts';
import { readConfig } from '../../../schemas/config.ts';
import { startServer } from '../../../server/listen.ts';

/** Nobody listens there: these tests are about what comes before. */
const NOWHERE = { TEMPORAL_ADDRESS: '127.0.0.1:9', MLFLOW_TRACKING_URI: 'http://127.0.0.1:9' };

/** A folder for keys, and the product’s own HTTP server on it whenever a test starts one. */
export async function askingServer() {
  const folder = await mkdtemp(join(tmpdir(), 'asking-'));
  const settings = { ...NOWHERE, STATE_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' };
  const stops: (() => Promise<void>)[] = [];
  return {
    folder,
    settings,
    keysFile: join(folder, 'keys', 'api-keys.json'),
    async start(given: Readonly<Record<string, string>> = {}): Promise<string> {
      const config = readConfig({ ...settings, ...given });
      const server = await startServer(config, createLogger('test', config.LOG_LEVEL));
      stops.push(() => server.stop());
      return server.url;
    },
    async stop() {
      for (const stop of stops) await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
