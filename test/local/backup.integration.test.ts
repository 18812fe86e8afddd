import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startEmbeddedServers, type EmbeddedServers } from '../../local/embedded-servers.ts';
import { freePort } from '../../local/ports.ts';
import { followRuns, stepOf, type Followed } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { testPython } from '../support/test-environment.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let root: string;
let data: string;
let installation: Installation | undefined;

interface Installation {
  readonly service: TestService;
  readonly stop: () => Promise<void>;
}

/** All that `npm start` runs, with its state in a folder, on ports that are free. */
async function startOn(stateDir: string): Promise<Installation> {
  await using begun = new AsyncDisposableStack();
  const python = await testPython();
  const [port, uiPort, mlflow] = [await freePort(), await freePort(), await freePort()];
  const servers: EmbeddedServers = await startEmbeddedServers({
    ...{ stateDir, env: process.env, log: () => undefined },
    ...{ temporal: { port, uiPort }, mlflow: { port: mlflow } },
    python: () => Promise.resolve(python),
  });
  begun.defer(() => servers.stop());
  const service = await startTestService(
    (own) => ({
      ...{ STATE_DIR: stateDir, DATA_ROOTS: (data ??= own), CHECKPOINT_SECONDS: '0.2' },
      // A stopping worker hands the training back at once.
      STOP_GRACE_SECONDS: '0.1',
      ...{ TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_TASK_QUEUE: 'experiments' },
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${mlflow}`,
    }),
    { worker: false },
  );
  begun.defer(() => service.stop());
  const worker: WorkerProcess = await startWorkerProcess({
    ...service.settings,
    // The training shall go on when the test looks.
    TRAIN_THREADS: '1',
  });
  begun.defer(() => worker.stop());
  const parts = begun.move();
  return { service, stop: () => parts.disposeAsync() };
}

const { start, when, ended } = followRuns(() => installation!.service, 'backup');

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'backup-'));
  installation = await startOn(join(root, 'here'));
});
afterAll(async () => {
  await installation?.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const source = { kind: 'inline', records: manyTexts(60) };
const long = {
  source: { kind: 'inline', records: manyTexts(4000, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 250 },
};

it(
  'an installation that was stopped and copied goes on elsewhere',
  { timeout: 180_000 },
  async () => {
    const old = await start({ source });
    const before = await ended(old);
    const going = await start(long);
    await when(going, (view) => stepOf(view, 'train')?.progress?.checkpoint !== undefined);
    await installation!.stop();
    installation = undefined;

    await cp(join(root, 'here'), join(root, 'there'), { recursive: true });
    await rm(join(root, 'here'), { recursive: true, maxRetries: 5 });
    installation = await startOn(join(root, 'there'));

    // All but the addresses, which are of other ports.
    const facts = ({ status, metrics, artifacts, steps, run_id }: Followed) => ({
      ...{ status, metrics, artifacts, steps, run_id },
    });
    const after = await ended(old);
    expect(facts(after)).toEqual(facts(before));
    expect(after.status).toBe('FINISHED');
    const end = await ended(going);
    expect(end).toMatchObject({ status: 'FINISHED', failure: null });
    expect(stepOf(end, 'load')?.attempts).toBe(1);
    expect(stepOf(end, 'train')?.attempts).toBeGreaterThan(1);

    const { service } = installation;
    const artifact = `${service.settings['MLFLOW_TRACKING_URI']}/get-artifact?run_uuid=${before.run_id}&path=report/card.html`;
    const report = await fetch(artifact);
    expect(report.status).toBe(200);
    expect(await report.text()).toContain('<html');
  },
);
