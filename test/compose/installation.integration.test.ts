import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createMlflowClient } from '../../platform/tracking/mlflow-client.ts';
import { operationsEffort } from '../support/operations-effort.ts';
import { buildTemporal } from '../support/temporal-programs.ts';
import { readComposeFile } from './compose-file.ts';
import { runToEnd, type Container } from './container.ts';
import { DEMO_SOURCES } from './demo-sources.ts';
import { filesOf } from './image-folder.ts';
import { startInstallation, type Installation } from './installation.ts';

/** What `docker compose --profile demo up` starts, without monitoring and the Temporal UI. */
const WANTED = ['server', 'worker', 'demo-data'];
/** The server of its image, which Go has to build, in place of the development server. */
const realTemporal = operationsEffort > 1;

let installation: Installation | undefined;
let shell: Container;
beforeAll(async () => {
  const version = readComposeFile().services['temporal']?.image?.split(':')[1] ?? '';
  const temporal = realTemporal ? await buildTemporal(version) : inject('temporal');
  const given = { python: inject('python'), temporal };
  installation = await startInstallation(WANTED, given);
  shell = await installation.container('server');
}, 1_800_000);
afterAll(() => installation?.stop());

const place = (address: string): string => installation?.place(address) ?? '';
const processes = () => [
  ...(installation?.running('server') ?? []),
  ...(installation?.running('worker') ?? []),
];
const authorization = () => `Bearer ${installation?.printed('api-key').split('\n')[0]}`;

async function invoke(tool: string, params: object) {
  const response = await fetch(`http://${place('127.0.0.1:8000')}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: authorization() },
    body: JSON.stringify({ tool, params }),
  });
  return (await response.json()) as {
    result: { status: string; run_id: string; model_id: string } | null;
    error: string | null;
  };
}

async function keysIn(bucket: string): Promise<string> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const endpoint = `http://${place('s3:8333')}`;
  const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1', credentials });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key).join('\n');
}

/** Of one of the shared databases, as one of the roles. */
async function rows(user: string, database: string, sql: string) {
  const [host, port] = place('postgres:5432').split(':');
  const password = `of-${user === 'audit' ? 'the-audit' : user}`;
  const client = new pg.Client({ host, port: Number(port), user, password, database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('docker-compose.yml, its services started as processes', () => {
  it('runs experiments on a file, on the demo database and on inline text', async () => {
    const runs = Object.entries(DEMO_SOURCES).map(async ([name, source]) => {
      const wish = { experiment_name: `compose ${name}`, source };
      const { result, error } = await invoke('mlflow_run_experiment', wish);
      return [name, error ?? result?.status];
    });

    expect(Object.fromEntries(await Promise.all(runs))).toEqual({
      ...{ file: 'FINISHED', sql: 'FINISHED', inline: 'FINISHED' },
    });
  });

  it('says that it is healthy', async () => {
    const response = await fetch(`http://${place('127.0.0.1:8000')}/health`, {
      headers: { authorization: authorization() },
    });

    expect(await response.json()).toMatchObject({
      checks: { temporal: 'ok', mlflow: 'ok', audit: 'ok' },
    });
    const healthy = await Promise.all(processes().map((each) => each.isHealthy()));
    expect(healthy).toEqual([true, true, true]);
  });

  it('counts for Prometheus, in every process', async () => {
    for (const { translate } of processes()) {
      const page = await fetch(translate('http://127.0.0.1:9464/metrics'));
      expect(await page.text()).toMatch(/^mlflow_\w+/m);
    }
  });

  it('keeps runs, blobs and events where all can reach them', async () => {
    const recorded = await rows('audit', 'audit', 'select distinct name from audit_events');
    const finished = await rows('mlflow', 'mlflow', "select 1 from runs where status = 'FINISHED'");

    expect(recorded).toContainEqual({ name: 'key.added' });
    expect(recorded).toContainEqual({ name: 'attempt.ended' });
    expect(finished).toHaveLength(3);
    expect(await keysIn('experiments')).toMatch(/^blobs\//m);
    expect(await keysIn('mlflow')).toMatch(/^artifacts\//m);
  });

  describe('MLflow on PostgreSQL, which is stricter than SQLite', () => {
    const client = () => createMlflowClient({ url: `http://${place('127.0.0.1:5000')}` });

    it('links a model to its run a second time, as a step does that was cut off after the first', async () => {
      const wish = { experiment_name: 'compose twice', source: DEMO_SOURCES.file };
      const { result } = await invoke('mlflow_run_experiment', wish);
      expect(result).toMatchObject({ status: 'FINISHED', model_id: expect.any(String) as string });
      const link = { runId: result?.run_id ?? '', modelId: result?.model_id ?? '' };

      await expect(client().models.linkToRun(link)).resolves.toBeUndefined();
    });

    it('holds the longest names', async () => {
      const experimentId = await client().ensureExperiment('ä'.repeat(256));
      const long = { runName: 'r'.repeat(300), userId: 'u'.repeat(300) };

      const run = await client().createRun({ experimentId, startTime: 1, tags: {}, ...long });
      expect(run.runName).toHaveLength(250);
    });
  });

  if (realTemporal) {
    it('keeps what Temporal knows of them there, too', async () => {
      const sql = 'select distinct workflow_type_name as type from executions_visibility';
      expect(await rows('temporal', 'temporal_visibility', sql)).toContainEqual({
        type: 'runExperiment',
      });
    });
  }

  it.each([
    ['mlflow', 'audit'],
    ['audit', 'mlflow'],
    ['audit', 'temporal'],
    ['temporal', 'audit'],
    ['mlflow', 'postgres'],
  ])('lets the role %s into its own database, and not into %s', async (user, database) => {
    await expect(rows(user, user, 'select 1')).resolves.toHaveLength(1);
    await expect(rows(user, database, 'select 1')).rejects.toThrow('permission denied');
  });

  it('ends each process within its grace, and leaves a log that can be verified', async () => {
    const codes = await Promise.all(processes().map((each) => each.stop()));
    const { said } = await runToEnd(shell, ['durable-experiments', 'audit', 'keys']);
    const pem = join(shell.cwd, '..', 'audit-key.pem');
    await writeFile(pem, said);
    const verify = ['durable-experiments', 'audit', 'verify', '--key', pem];

    expect(codes).toEqual([0, 0, 0]);
    expect(await runToEnd(shell, verify)).toMatchObject({ code: 0 });
    expect(await keysIn('audit')).toMatch(/^checkpoints\/.*\.json$/m);
  });

  it('writes nothing into the image: its root may be read-only', async () => {
    const { folder = '', files } = installation?.image ?? {};

    expect(await filesOf(folder)).toEqual(files);
  });
});
