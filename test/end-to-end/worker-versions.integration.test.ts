import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pinnedTo } from '../../server/experiments/worker-presence.ts';
import { followRuns, stepOf } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { productCommand, type CommandEnd } from '../support/product-command.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const deployment = { WORKER_DEPLOYMENT: `versions-${process.pid}-${Date.now()}` };
const pinned = { ...deployment, WORKER_VERSIONING: 'pinned', STOP_GRACE_SECONDS: '0.2' };

let service: TestService;
let old: WorkerProcess;
const workers: WorkerProcess[] = [];
const worker = async (version: string): Promise<WorkerProcess> => {
  const settings = { ...service.settings, ...pinned, WORKER_BUILD_ID: version };
  const started = await startWorkerProcess(settings);
  workers.push(started);
  return started;
};
beforeAll(async () => {
  service = await startTestService({ CHECKPOINT_SECONDS: '0.3' }, { worker: false });
  old = await worker('v1');
});
afterAll(async () => {
  await Promise.all(workers.map((one) => one.kill()));
  await service.stop();
});

const { start, when, ended, retry } = followRuns(() => service, 'versions');
const command = (...args: string[]): Promise<CommandEnd> =>
  productCommand({ ...service.settings, ...deployment }, ...args);
const short = { source: { kind: 'file', path: 'train.csv', target: 'label' } };
const long = {
  source: { kind: 'inline', records: manyTexts(6000, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 400 },
};

async function versionOf(workflowId: string): Promise<string | undefined> {
  return pinnedTo(await service.temporal.workflow.getHandle(workflowId).describe());
}

describe('runs that are pinned to a version', { timeout: 120_000 }, () => {
  let done: string;
  let going: string;

  it('begin on the first one, which nobody has promoted', async () => {
    done = await start(short);
    expect(await ended(done)).toMatchObject({ status: 'FINISHED' });
    expect(await versionOf(done)).toBe('v1');
    const { code, stderr } = await command('versions', 'promote', 'v2', '--wait', '0');
    expect(stderr).toContain('Version v2 has no workers for: steps, training.');
    expect(code).toBe(1);
  });

  it('say so when all workers of it are gone, although others are there', async () => {
    await worker('v2');
    going = await start(long);
    await when(going, (view) => stepOf(view, 'train')?.progress?.checkpoint !== undefined);
    expect(await command('versions', 'promote', 'v2')).toMatchObject({ code: 0 });
    const { stdout } = await command('drain', String(old.pid));
    expect(stdout).toMatch(/:\d+ takes no more work\.\n.*:\d+ has stopped\./);
    expect(await old.ended).toBe(0);
    const { notes } = await when(going, (view) => view.notes.length > 0);
    expect(notes).toEqual([
      expect.stringMatching(
        /^No worker (?:for trainings )?of version v1 has asked for work .* pinned to it/,
      ),
    ]);
  });

  it('are counted, and not left without a version', async () => {
    const { stdout } = await command('versions', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      versions: [
        { version: 'v2', status: 'current', workers: { steps: 1, training: 1 } },
        { version: 'v1', status: 'draining', running: 1, workers: { steps: 0, training: 0 } },
      ],
    });
    expect((await command('versions', 'remove', 'v1')).stderr).toContain(
      '1 experiments are running on it.',
    );
  });

  it('go on with the current one when an operator has them leave theirs', async () => {
    expect((await command('versions', 'leave', 'v1')).stdout).toBe(
      '1 running experiments go on with version v2.\n',
    );
    const view = await ended(going);
    expect(view).toMatchObject({ status: 'FINISHED', workflow: { status: 'COMPLETED' } });
    expect(await versionOf(going)).toBe('v2');
  });

  it('go on with the current one when they are done again', async () => {
    await retry(done, 'evaluate');
    const view = await when(done, ({ workflow }) => workflow.status === 'COMPLETED');
    expect(view).toMatchObject({ status: 'FINISHED', notes: [] });
    expect(await versionOf(done)).toBe('v2');
  });

  it('leave a worker’s container healthy, current or not', async () => {
    expect(await command('worker-health')).toMatchObject({ code: 0, stderr: '' });
    await Promise.all(workers.map((one) => one.stop()));
    expect(await command('worker-health')).toMatchObject({
      code: 1,
      stderr: 'No worker on this host is there for steps.\n',
    });
  });
});
