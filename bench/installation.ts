import { join } from 'node:path';

import { startEmbeddedServers } from '../local/embedded-servers.ts';
import { freePort } from '../local/ports.ts';
import { startProductProcess } from '../test/support/product-process.ts';
import { testPython } from '../test/support/test-environment.ts';
import type { Bench } from './bench.ts';

interface InstallationOptions {
  /** Of the folder of its state. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Server and worker as processes of their own, as operators have them; they read the bench’s scratch folder. */
export async function startInstallation(
  { scratch }: Bench,
  stack: AsyncDisposableStack,
  { name, settings: further = {} }: InstallationOptions,
): Promise<{ readonly url: string; readonly pid: number }> {
  const [port, temporal, uiPort, mlflow] = [
    ...[await freePort(), await freePort(), await freePort(), await freePort()],
  ] as const;
  const stateDir = join(scratch, `${name}-${port}`);
  const embedded = await startEmbeddedServers({
    ...{ stateDir, env: process.env, log: () => undefined, python: testPython },
    ...{ temporal: { port: temporal, uiPort }, mlflow: { port: mlflow } },
  });
  stack.defer(() => embedded.stop());
  const settings = {
    ...{ PORT: String(port), STATE_DIR: stateDir, DATA_ROOTS: scratch, HOST: '', BLOB_STORE: '' },
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal}`,
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${mlflow}`,
    ...further,
  };
  const worker = await startProductProcess('worker', settings);
  stack.defer(() => worker.kill());
  const server = await startProductProcess('server', settings);
  stack.defer(() => server.kill());
  return { url: `http://127.0.0.1:${port}`, pid: server.pid };
}
