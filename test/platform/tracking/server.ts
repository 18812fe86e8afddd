import { spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, inject } from 'vitest';

import { freePort } from '../../../local/ports.ts';
import type {} from '../../support/provided.ts';

interface StartedMlflow {
  readonly url: string;
  /** Where its database, artifacts and log are. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** The MLflow of the tests' Python environment, else MLFLOW_COMMAND or `mlflow`. */
function mlflowCommand(): string {
  const python = inject('python') as string | undefined;
  if (python !== undefined) return join(dirname(python), 'mlflow');
  return process.env['MLFLOW_COMMAND'] ?? 'mlflow';
}

/** Starts MLflow on SQLite in a fresh folder. */
export async function startMlflow(
  special: { readonly flags?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<StartedMlflow> {
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-'));
  const log = await open(join(folder, 'log'), 'w');
  const port = await freePort();
  const flags = [
    ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`],
    ...['--artifacts-destination', join(folder, 'artifacts')],
    ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
    ...(special.flags ?? []),
  ];
  const child = spawn(mlflowCommand(), ['server', ...flags], {
    env: {
      ...process.env,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      ...special.env,
    },
    stdio: ['ignore', log.fd, log.fd],
    // Its own group: uvicorn's workers end with it.
    detached: true,
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  const url = `http://127.0.0.1:${port}`;
  for (let waited = 0; ; waited += 100) {
    if (failure ?? child.exitCode !== null) {
      throw new Error(`MLflow did not start: ${await readLog(folder)}`, { cause: failure });
    }
    const up = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) break;
    if (waited > 90_000) throw new Error('MLflow did not come up within 90 seconds');
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url,
    folder,
    async stop() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await ended;
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readLog(folder: string): Promise<string> {
  const file = await open(join(folder, 'log'));
  try {
    return (await file.readFile('utf8')).slice(-2000);
  } finally {
    await file.close();
  }
}

/** The MLflow of this test file: a global setup's when there is one, else its own. */
export function useMlflow(): { readonly url: string } {
  const server = { url: '' };
  let stop = async () => {};
  beforeAll(async () => {
    const provided = inject('mlflow') as string | undefined;
    if (provided !== undefined) {
      server.url = provided;
      return;
    }
    const started = await startMlflow();
    server.url = started.url;
    stop = started.stop;
  }, 120_000);
  afterAll(() => stop(), 30_000);
  return server;
}
