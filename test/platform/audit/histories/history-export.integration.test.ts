import { tenantOfWorkflow } from '../../../../schemas/caller.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../../platform/audit/audit-log.ts';
import { openAuditDatabase } from '../../../../platform/audit/database/open-database.ts';
import {
  historyKey,
  readExportedHistory,
} from '../../../../platform/audit/histories/exported-history.ts';
import { createHistorySweep } from '../../../../platform/audit/histories/history-sweep.ts';
import { startHistoryExport } from '../../../../platform/audit/histories/start-history-export.ts';
import {
  checkTemporalRetention,
  readTemporalRetention,
  setTemporalRetention,
} from '../../../../platform/audit/histories/temporal-retention.ts';
import type { TemporalAccess } from '../../../../platform/audit/histories/temporal-access.ts';
import { readRows } from '../../../../platform/audit/read-events.ts';
import { createDataConverter } from '../../../../platform/codec/data-converter.ts';
import { createLogger, type Logger } from '../../../../platform/logging.ts';
import { createBlobSealing } from '../../../../platform/storage/blob-sealing.ts';
import type { BlobStore } from '../../../../platform/storage/blob-store.ts';
import { createFileStore } from '../../../../platform/storage/file-store.ts';
import { readConfig, type Config } from '../../../../schemas/config.ts';
import { auditCommand } from '../../../support/audit-command.ts';
import { startTestService, type TestService } from '../../../support/test-service.ts';

const GOOD = 'f1,label\n1,0\n2,1\n3,0\n4,1\n5,0\n6,1\n';

let folder: string;
let service: TestService;
let config: Config;
let access: TemporalAccess;
let blobs: BlobStore;
/** A run that failed and was retried: two executions. */
let retried: string;
/** One that failed. */
let failed: string;
const logs: AuditLog[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'histories-'));
  service = await startTestService({
    ENCRYPT_PAYLOADS: 'true',
    TEMPORAL_TASK_QUEUE: `o'${folder}`,
  });
  config = readConfig(service.settings);
  access = {
    connection: service.temporal.connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
  };
  const sealing = await createBlobSealing({ ...config, ENCRYPT_BLOBS: true });
  blobs = createFileStore(join(folder, 'blobs'), sealing);
  failed = await run('hole.csv', GOOD.replace('3,0', ',0'));
  retried = await run('mended.csv', GOOD.replace('3,0', ',0'));
  await writeFile(join(service.data, 'mended.csv'), GOOD);
  const { error } = await service.invoke('mlflow_retry_run', { run_id: retried, reason: 'mended' });
  expect(error).toBeNull();
  // What has ended is shown a moment later.
  await vi.waitFor(async () => expect(await missing()).toBe(3), { timeout: 20_000 });
});
afterAll(async () => {
  await Promise.all(logs.map((log) => log.close()));
  await service.stop();
  await rm(folder, { recursive: true });
});

async function run(path: string, text: string): Promise<string> {
  await writeFile(join(service.data, path), text);
  const { result, failure } = await service.invoke('mlflow_run_experiment', {
    experiment_name: 'histories',
    source: { kind: 'file', path, target: 'label' },
  });
  return (result ?? failure)?.['workflow_id'] as string;
}

function openLog(name: string): AuditLog {
  const log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, name) }),
    recorder: { role: 'worker', version: '1', instance: 'here:1' },
  });
  logs.push(log);
  return log;
}

const sweepInto = (log: AuditLog, mostAtOnce?: number) =>
  createHistorySweep({
    ...{ access, blobs, log, retentionDays: 400 },
    ...(mostAtOnce && { mostAtOnce }),
  });

async function missing(): Promise<number> {
  const log = openLog(`missing-${logs.length}.db`);
  await log.ready();
  return (await sweepInto(log)()).exported;
}

async function exportsIn({ database }: AuditLog): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of readRows(database, { chain: 'default' })) ids.push(id);
  return ids;
}

describe('the histories of ended runs', () => {
  it('are exported once each, few at a time, by however many processes', async () => {
    const sweeps = [openLog('two.db'), openLog('two.db')].map((log) => sweepInto(log, 1));
    const log = openLog('two.db');
    await log.ready();
    for (let more = true; more;) {
      const steps = await Promise.all(sweeps.map((step) => step()));
      for (const { exported } of steps) expect(exported).toBeLessThanOrEqual(1);
      more = steps.some((step) => step.more);
    }
    const ids = await exportsIn(log);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    expect(await sweepInto(log)()).toEqual({ exported: 0, more: false });
    expect(await readExportedHistory({ blobs, database: log.database }, retried)).toHaveLength(2);
    expect(await readExportedHistory({ blobs, database: log.database }, failed)).toHaveLength(1);
  });

  it('can be replayed by the workflow code, and are as encrypted as they were', async () => {
    const workflowsPath = fileURLToPath(new URL('../../../../workflows/index.ts', import.meta.url));
    const workflowBundle = await bundleWorkflowCode({ workflowsPath });
    const dataConverter = await createDataConverter(config);
    const { database } = openLog('two.db');
    const histories = await readExportedHistory({ blobs, database }, retried);
    for (const { json, events } of histories) {
      expect(json).not.toContain(Buffer.from('mended.csv').toString('base64').slice(4, 12));
      const history = historyFromJSON(JSON.parse(json!));
      expect(history.events).toHaveLength(events);
      await Worker.runReplayHistory({ workflowBundle, dataConverter }, history, retried);
    }
    expect.assertions(2 * histories.length);
  });

  it('are proven against the chain when they are read', async () => {
    const { database } = openLog('two.db');
    const [{ runId } = { runId: '' }] = await readExportedHistory({ blobs, database }, failed);
    await blobs.withScratch(async (scratch) => {
      await writeFile(join(scratch, 'x'), 'something else');
      await blobs.replace(historyKey(failed, runId), join(scratch, 'x'));
    });
    await expect(readExportedHistory({ blobs, database }, failed)).rejects.toMatchObject({
      code: 'BLOB_CORRUPT',
    });
    await blobs.remove(historyKey(failed, runId));
    expect(await readExportedHistory({ blobs, database }, failed)).toMatchObject([{ json: null }]);
  });

  it('of an erased run are left alone', async () => {
    const log = openLog('erased.db');
    await log.record({
      ...{ name: 'audit.erased', chain: tenantOfWorkflow(failed) },
      fields: {
        ...{ 'user.id': 'me', 'temporal.workflow_id': failed, 'temporal.run_id': 'r' },
        ...{ 'erased.values': 0, 'erased.blobs': 0, 'erased.artifacts': 0, 'erased.histories': 1 },
      },
    });
    await sweepInto(log)();
    expect(await readExportedHistory({ blobs, database: log.database }, failed)).toEqual([]);
    expect(await blobs.list(historyKey(failed))).toEqual([]);
    expect(await readExportedHistory({ blobs, database: log.database }, retried)).toHaveLength(2);
  });

  it('are exported in the background, and again after Temporal was away', async () => {
    const log = openLog('background.db');
    await log.ready();
    let away = true;
    const connection: TemporalAccess['connection'] = {
      workflowService: access.connection.workflowService,
      withAbortSignal: (signal, use) => {
        if (!away) return access.connection.withAbortSignal(signal, use);
        away = false;
        return Promise.reject(new Error('Temporal is away'));
      },
    };
    const exporting = startHistoryExport({
      ...{ access: { ...access, connection }, blobs, log, config },
      ...{ logger: createLogger('test', 'silent'), everySeconds: 0.1 },
    });
    await vi.waitFor(async () => expect(await exportsIn(log)).toHaveLength(3), { timeout: 10_000 });
    await exporting.stop();
    expect(away).toBe(false);
  });
});

describe('how long Temporal keeps runs', () => {
  /** With a log of its own: into the service’s, its worker exports as time goes by. */
  const retention = (days: number, ...more: string[]) => {
    const own = { STATE_DIR: join(folder, 'state'), TEMPORAL_RETENTION_DAYS: String(days) };
    return auditCommand({ ...service.settings, ...own }, 'retention', ...more);
  };

  it('is checked against the setting, told with what is not exported yet, and set', async () => {
    const before = await readTemporalRetention(access);
    const said: string[] = [];
    const logger = { warn: (_: object, line: string) => said.push(line) } as unknown as Logger;
    await checkTemporalRetention(access, { days: before, logger });
    expect(said).toEqual([]);
    await checkTemporalRetention(access, { days: before + 1, logger });
    expect(said).toEqual([expect.stringContaining('retention --set')]);
    const short = await retention(before + 1);
    expect(short).toMatchObject({
      code: 1,
      said: expect.stringContaining('3 are not yet') as string,
    });
    expect(short.said).toContain(`in ${before - 1} days`);
    try {
      expect(await retention(before + 1, '--set')).toMatchObject({ code: 0 });
      expect(await readTemporalRetention(access)).toBe(before + 1);
    } finally {
      await setTemporalRetention(access, before);
    }
  });
});
