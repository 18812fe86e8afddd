import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { followRuns, stepOf } from '../support/follow-runs.ts';
import { manyTexts } from '../support/many-texts.ts';
import { newPostgresDatabase, queryPostgres } from '../support/postgres-database.ts';
import { startS3Server, type S3Server } from '../support/s3-server.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const Bucket = `lost-disk-${randomUUID()}`;

let s3: S3Server;
let admin: S3Client;
let proxy: FaultProxy;
let folder: string;
let auditUrl: string;
let service: TestService;
let worker: WorkerProcess;
const { start, when, ended, retry } = followRuns(() => service, 'lost disk');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lost-disk-'));
  s3 = await startS3Server(inject('python'));
  Object.assign(process.env, s3.environment);
  admin = new S3Client({ forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket }));
  proxy = await startFaultProxy({ target: s3.environment['AWS_ENDPOINT_URL']!, keepHost: true });
  process.env['AWS_ENDPOINT_URL'] = proxy.url;
  auditUrl = await newPostgresDatabase();
  service = await startTestService(
    {
      ...{ BLOB_STORE: `s3://${Bucket}/blobs`, ENCRYPT_BLOBS: 'true', CHECKPOINT_SECONDS: '0.2' },
      // What machines share beside it: nothing but keys.
      ...{ SEAL_KEY_FILE: join(folder, 'seal.key'), PAYLOAD_KEYS_FILE: join(folder, 'keys') },
      ...{
        AUDIT_KEYS_FILE: join(folder, 'audit.keys'),
        AUDIT_CHECKPOINTS: join(folder, 'checkpoints'),
      },
      AUDIT_DATABASE_URL: auditUrl,
    },
    { worker: false },
  );
});
afterAll(async () => {
  for (const name of Object.keys(s3.environment)) delete process.env[name];
  await worker.kill();
  await service.stop();
  admin.destroy();
  await proxy.close();
  await s3.stop();
  await rm(folder, { recursive: true });
});

/** A worker on a machine of its own. */
const workerOn = (disk: string): Promise<WorkerProcess> =>
  startWorkerProcess({ ...service.settings, STATE_DIR: join(folder, disk), TRAIN_THREADS: '1' });

async function keysOf(workflowId: string): Promise<string[]> {
  const Prefix = `blobs/runs/${workflowId}/`;
  const { Contents = [] } = await admin.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length).replace(/[.].*/, ''));
}

const long = {
  source: { kind: 'inline', records: manyTexts(3000, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 250 },
};

describe('a worker that loses its disk', { timeout: 120_000 }, () => {
  it('loses nothing: another machine goes on from the checkpoint, to the same numbers', async () => {
    worker = await workerOn('first');
    const id = await start(long);
    // Asked of S3 itself: heartbeats are seconds apart, and the training may be over by then.
    while ((await checkpointOf(id)) === 'none') await pause(50);
    await worker.kill();
    expect(await keysOf(id)).toContain('checkpoints/' + (await checkpointOf(id)));
    await rm(join(folder, 'first'), { recursive: true, maxRetries: 5 });

    worker = await workerOn('second');
    const end = await ended(id);
    expect(end).toMatchObject({ status: 'FINISHED', failure: null });
    expect(stepOf(end, 'train')?.attempts).toBeGreaterThanOrEqual(2);
    const resumed = await eventsOf(id, 'checkpoint.resumed');
    expect(resumed).toEqual([{ attempt: stepOf(end, 'train')?.attempts }]);
    expect((await keysOf(id)).sort()).toEqual(['dataset', 'model', 'predictions', 'split']);

    // Wiped while the worker lives, and done again without a kill from where it needs what was stored.
    await rm(join(folder, 'second', 'cache'), { recursive: true, maxRetries: 5 });
    await retry(id, 'train');
    const again = await when(
      id,
      ({ status, workflow }) => workflow.status === 'COMPLETED' && status === 'FINISHED',
    );
    expect(stepOf(again, 'load')?.attempts).toBe(1);
    expect(stepOf(again, 'train')?.attempts).toBe(1);
    expect(again.metrics).toEqual(end.metrics);
  });

  it('waits for S3, says so, and goes on when it is back', async () => {
    await proxy.setMode('refuse');
    const id = await start({ source: { kind: 'file', path: 'train.csv', target: 'label' } });
    const waiting = await when(id, (view) => stepOf(view, 'load')?.status === 'WAITING');
    expect(stepOf(waiting, 'load')).toMatchObject({
      failure: { code: 'STORAGE_UNAVAILABLE', hint: expect.stringContaining('goes on') as string },
      waiting_since: expect.stringMatching(/^\d{4}-/) as string,
    });
    const { failure } = await service.invoke('mlflow_run_experiment', {
      ...{ experiment_name: 'lost disk', source: long.source },
    });
    expect(failure).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await proxy.setMode('ok');
    expect(await ended(id)).toMatchObject({ status: 'FINISHED', failure: null });
    // Its own folder, and nothing of the steps in it.
    const left = await readdir(join(folder, 'second', 'cache', 'blobs'));
    expect(left.length).toBeLessThanOrEqual(1);
  });
});

async function checkpointOf(workflowId: string): Promise<string> {
  const keys = await keysOf(workflowId);
  return keys.find((key) => key.startsWith('checkpoints/'))?.slice('checkpoints/'.length) ?? 'none';
}

function eventsOf(workflowId: string, name: string): Promise<unknown[]> {
  return queryPostgres(
    auditUrl,
    `select (body::json->>'temporal.attempt')::int as attempt from audit_events
     where name = $1 and body::json->>'temporal.workflow_id' = $2 order by seq`,
    [name, workflowId],
  );
}
