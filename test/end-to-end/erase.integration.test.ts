import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { createAuditLog } from '../../platform/audit/audit-log.ts';
import { databaseOf } from '../../platform/audit/database/open-database.ts';
import { createHistorySweep } from '../../platform/audit/histories/history-sweep.ts';
import { createFileStore } from '../../platform/storage/file-store.ts';
import { readConfig } from '../../schemas/config.ts';
import { filesUnder } from '../faults/files.ts';
import { auditCommand } from '../support/audit-command.ts';
import { whereIs } from '../support/canary-search.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

/** No digits in the middle of words: a text keeps it as one word of its vocabulary. */
const word = (): string => randomUUID().replaceAll(/[-\d]/g, '');
/** In the records’ texts, in the request beside them, and in the reason. */
const NAME = `canaryname${word()}`;
const EXPERIMENT = `canaryexperiment${word()}`;
const REASON = `canaryreason${word()}`;

const KEY = `key-${randomUUID()}`;

let service: TestService;
/** Two runs from the same records. */
let first: Run;
let second: Run;

interface Run {
  readonly run_id: string;
  readonly workflow_id: string;
}

beforeAll(async () => {
  // What is encrypted would hide from this test what is left.
  service = await startTestService({ ENCRYPT_PAYLOADS: 'false' });
  first = (await start(KEY)).result as unknown as Run;
  second = await run();
  await exportHistories();
});
afterAll(() => service.stop());

async function run(): Promise<Run> {
  return (await start()).result as unknown as Run;
}

async function start(idempotency_key: string = randomUUID()) {
  const records = Array.from({ length: 12 }, (_, i) => ({
    text: `${i % 2 ? 'rain' : 'sun'} ${NAME}`,
    label: i % 2 ? 'wet' : 'dry',
  }));
  return service.invoke('mlflow_run_experiment', {
    ...{ experiment_name: EXPERIMENT, idempotency_key },
    source: { kind: 'inline', records },
  });
}

/** As a worker does once a minute. */
async function exportHistories(): Promise<void> {
  const config = readConfig(service.settings);
  const log = createAuditLog({
    database: databaseOf(config),
    recorder: { role: 'worker', version: '1', instance: 'here:1' },
  });
  const step = createHistorySweep({
    access: {
      connection: service.temporal.connection,
      namespace: config.TEMPORAL_NAMESPACE,
      taskQueue: config.TEMPORAL_TASK_QUEUE,
    },
    blobs: createFileStore(config.blobStore),
    ...{ log, retentionDays: 400 },
  });
  // What has ended is shown a moment later.
  await vi.waitFor(async () => {
    await step();
    expect(await exported()).toHaveLength(2);
  }, 20_000);
  await log.close();
}

const exported = (): Promise<string[]> => filesUnder(join(stateDir(), 'blobs', 'histories'));

const audit = (...args: string[]) => auditCommand(service.settings, ...args);
const erase = (id: string, ...more: string[]) => audit('erase', id, '--reason', REASON, ...more);

const stateDir = (): string => service.settings['STATE_DIR'] as string;
const places = async (text: string) => ({
  temporal: await whereIs(text, join(inject('stateDir'), 'temporal')),
  mlflow: await whereIs(text, join(inject('stateDir'), 'mlflow')),
  blobs: await whereIs(text, join(stateDir(), 'blobs')),
  audit: await inAuditFolder(text),
});

/** Another process looks: whoever opens and closes the database’s file here takes SQLite’s locks from the service. */
function inAuditFolder(text: string): Promise<string[]> {
  const args = ['-rla', text, join(stateDir(), 'audit')];
  return new Promise((resolve) => {
    execFile('grep', args, (_error, stdout) => resolve(stdout.split('\n').filter(Boolean)));
  });
}

describe('audit erase', () => {
  it('refuses a run that is still going, and one that nobody knows', async () => {
    const workflowId = `experiment-${randomUUID()}`;
    const options = { workflowId, taskQueue: 'nobody', args: [] };
    const handle = await service.temporal.workflow.start('runExperiment', options);
    const [going, unknown] = await Promise.all(
      [workflowId, `${workflowId}x`].map((id) => erase(id, '--yes')),
    );
    await handle.terminate();
    expect(going).toMatchObject({
      code: 1,
      said: expect.stringContaining('still going') as string,
    });
    expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining('misspelt') as string });
  });

  it('says first what it would erase, and who else needs the records', async () => {
    const { blobs, mlflow } = await places(NAME);
    expect(blobs.length).toBeGreaterThan(2);
    expect(mlflow.length).toBeGreaterThan(2);
    expect(await inAuditFolder(EXPERIMENT)).not.toEqual([]);
    const plan = await erase(first.run_id, '--dry-run');
    expect(plan.code).toBe(1);
    expect(plan.said).toContain(second.workflow_id);
    expect(plan.said).toContain('--shared');
    expect(await places(NAME)).toMatchObject({ blobs, mlflow });
  });

  it('erases what there is of them, everywhere', async () => {
    expect(await erase(first.run_id, '--shared', '--yes')).toMatchObject({ code: 0 });
    const { said } = await erase(second.workflow_id, '--yes');
    expect(said).toContain('Erased');
    expect(said).not.toContain('same inline records');
    expect(await places(NAME)).toMatchObject({ temporal: [], mlflow: [], blobs: [], audit: [] });
    expect(await inAuditFolder(EXPERIMENT)).toEqual([]);
    expect(await exported()).toEqual([]);
    for (const { workflow_id } of [first, second]) {
      const left = () => service.temporal.workflow.getHandle(workflow_id).describe();
      await vi.waitFor(() => expect(left()).rejects.toThrow('not found'), 100_000);
    }
  });

  it('leaves the log valid, the reason in it, and the results in MLflow', async () => {
    const verified = await audit('verify');
    expect(verified.said).toContain('default');
    expect([0, 3]).toContain(verified.code);
    expect(await inAuditFolder(REASON)).not.toEqual([]);
    for (const run_id of [first.run_id, first.workflow_id]) {
      const { result, error } = await service.invoke('mlflow_get_run', { run_id });
      expect({ error, result }).toMatchObject({
        error: null,
        result: { run_id: first.run_id, status: 'FINISHED' },
      });
      expect(result?.['metrics']).toHaveProperty('accuracy');
    }
    const mlflow = await whereIs(first.workflow_id, join(inject('stateDir'), 'mlflow'));
    expect(mlflow.filter((path) => path.includes(first.run_id))).toEqual([
      expect.stringMatching(/audit\/receipt\.json$/),
    ]);
  });

  it('finds nothing more to erase', async () => {
    const again = await erase(first.workflow_id, '--yes');
    expect(again).toMatchObject({
      code: 0,
      said: expect.stringContaining('Nothing is left') as string,
    });
  });

  it('lets nobody bring it back with its idempotency key', async () => {
    const { status, failure } = await start(KEY);
    expect({ status, ...failure }).toMatchObject({ status: 409, code: 'IDEMPOTENCY_CONFLICT' });
    expect((await places(NAME)).blobs).toEqual([]);
  });
});
