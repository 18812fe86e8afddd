import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DuckDBInstance } from '@duckdb/node-api';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';

import { run as lineageCommand } from '../../cli/audit/lineage.ts';
import { run as reproduceCommand } from '../../cli/reproduce.ts';
import { createRandomState } from '../../learning/random/random-state.ts';
import { storeHistory } from '../../platform/audit/histories/exported-history.ts';
import { openAudit } from '../../platform/audit/open-audit.ts';
import { createLogger } from '../../platform/logging.ts';
import { createFileStore } from '../../platform/storage/file-store.ts';
import {
  findLineage,
  type LineageStart,
  type RunLineage,
} from '../../platform/audit/lineage/find-lineage.ts';
import { readConfig } from '../../schemas/config.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import type { StoredSource } from '../../schemas/source.ts';
import {
  openReproduction,
  type OpenReproduction,
} from '../../server/reproduction/open-reproduction.ts';
import { findRun } from '../../server/reproduction/find-original.ts';
import { reproduceRun, type Reproduction } from '../../server/reproduction/reproduce-run.ts';
import { connectionString, mariadbServer } from '../activities/sources/servers.ts';
import { auditEffort } from '../support/audit-effort.ts';
import { manyTexts } from '../support/many-texts.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const experiment_name = `reproduce-${randomUUID()}`;
const PROGRAM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: string;
let service: TestService;
let reproduction: OpenReproduction;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reproduce-'));
  const CONNECTIONS_FILE = join(folder, 'connections.json');
  const { host, port, user, password, database } = inject('postgres');
  const named = { kind: 'postgresql', host, port, user, password, database, tls: 'prefer' };
  await writeFile(CONNECTIONS_FILE, JSON.stringify({ warehouse: named }));
  service = await startTestService({ CONNECTIONS_FILE, ENCRYPT_PAYLOADS: 'true' });
  await writeSources(service.data);
  reproduction = await openReproduction(readConfig(service.settings));
});
afterAll(async () => {
  await reproduction.close();
  await service.stop();
  await rm(folder, { recursive: true });
});

const texts = manyTexts(80, { words: 12, vocabulary: 300 });
const csvOf = (rows: readonly { text: string; label: number }[]): string =>
  ['text,label', ...rows.map(({ text, label }) => `${text},${label}`), ''].join('\n');

async function writeSources(data: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const duckDb = await instance.connect();
  const train = join(data, 'train');
  await duckDb.run(`COPY (FROM '${train}.csv') TO '${train}.parquet'`);
  await writeFile(join(data, 'texts.csv'), csvOf(texts));
}

const QUERY = 'SELECT f1, f2, f3, y FROM training_table ORDER BY f1';
const mariadb = mariadbServer();
/** A source of each kind that there is, as its request has it. */
const SOURCES: Readonly<Record<string, () => object>> = {
  CSV: () => ({ source: { kind: 'file', path: 'train.csv', target: 'label' } }),
  Parquet: () => ({
    source: { kind: 'file', path: 'train.parquet', target: 'label' },
  }),
  'CSV of texts': () => ({
    source: { kind: 'file', path: 'texts.csv', target: 'label', features: ['text'] },
    model: 'logreg_text',
  }),
  'inline records': () => ({ source: { kind: 'inline', records: texts } }),
  'a named PostgreSQL': () => sql('warehouse'),
  'PostgreSQL by its address': () => sql(connectionString('postgresql', inject('postgres'))),
  SQLite: () => sql(`sqlite:///${join(service.data, 'demo.sqlite')}`),
  ...('unavailable' in mariadb ? {} : { MariaDB: () => sql(connectionString('mysql', mariadb)) }),
};
const sql = (conn: string): object => ({
  source: { kind: 'sql', conn, query: QUERY, target: 'y', features: ['f1', 'f3'] },
});

interface Run {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly registered?: { readonly version: string };
  readonly reused?: boolean;
}

async function run(request: object): Promise<Run> {
  const answer = await service.invoke('mlflow_run_experiment', { experiment_name, ...request });
  expect(answer.error).toBeNull();
  return answer.result as unknown as Run;
}

const reproduced = (run: string, rerun?: string): Promise<Reproduction> =>
  reproduceRun(reproduction, {
    ...{ run, rerun },
    signal: AbortSignal.timeout(120_000),
    tell: () => undefined,
  });

const lineage = (tenant: string, start: LineageStart): Promise<RunLineage[]> =>
  findLineage(reproduction.audit!, tenant, start);

/** The command as an operator types it. */
const command = (...args: string[]) => operator('reproduce', ...args);

function operator(...args: string[]): Promise<{ code: number; said: string; told: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ...service.settings };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, said, told) =>
      resolve({ code: error ? Number(error.code) : 0, said, told }),
    );
  });
}

/** Exports the history of a run as that of one that Temporal has never heard of, or has forgotten. */
async function forgotten({ workflow_id }: Run): Promise<string> {
  const config = readConfig(service.settings);
  const logger = createLogger('test', 'silent');
  const audit = (await openAudit(config, { role: 'command', logger }))!;
  const history = await reproduction.client.workflow.getHandle(workflow_id).fetchHistory();
  const execution = { workflowId: `experiment-${randomUUID()}`, runId: randomUUID() };
  const blobs = createFileStore(config.blobStore);
  const sha256 = await storeHistory(blobs, execution, historyToJSON(history));
  const { workflowId, runId } = execution;
  await audit.log.record({
    ...{ name: 'history.exported', chain: 'default' },
    fields: {
      ...{ 'temporal.workflow_id': workflowId, 'temporal.run_id': runId },
      ...{ 'history.sha256': sha256, 'history.events': history.events!.length },
    },
  });
  await audit.close();
  return workflowId;
}

describe.concurrent('an earlier run', () => {
  const random = createRandomState(29);
  const between = (from: number, to: number): number => from + random.random() * (to - from);
  const cases = Array.from({ length: auditEffort }, (_, round) =>
    Object.keys(SOURCES).map((name) => ({
      name: `${round + 1}: ${name}`,
      source: SOURCES[name]!,
      params: {
        seed: Math.floor(between(0, 2 ** 32)),
        C: 10 ** between(-3, 3),
        tol: 10 ** between(-6, -3),
        test_size: between(0.1, 0.4),
      },
    })),
  ).flat();

  it.each(cases)('comes to the same bits: $name', async ({ source, params }) => {
    const original = await run({ ...source(), params });
    const found = await reproduced(original.run_id);
    expect(found).toMatchObject({ verdict: 'bit-identical', step: null });
    expect(found.parts.length).toBeGreaterThan(10);
    expect(found.parts.every(({ same }) => same)).toBe(true);
    expect(found.original.run_id).toBe(original.run_id);
    expect(found.rerun.run_id).not.toBe(original.run_id);
    const { tags } = await reproduction.tracking(undefined).getRun(found.rerun.run_id!);
    expect(tags['rerun_of']).toBe(original.run_id);
  });
});

describe.concurrent('reproduce', () => {
  it('says so in words, with both runs and what they were computed with', async () => {
    const source = { kind: 'file', path: 'train.csv', target: 'label' };
    const model_name = `reproduced-${randomUUID()}`;
    const wish = { experiment_name: model_name, source, register: { model_name }, reuse: true };
    const original = await run(wish);
    const { code, said, told } = await command(original.workflow_id);
    expect({ code, told }).toMatchObject({ code: 0 });
    expect(said).toMatch(/^bit-identical: Data, split, model, predictions and all \d+ metrics/);
    expect(said).toContain(original.run_id);
    expect(said).toMatch(/^Code: \S+ in both/m);
    expect(said).toMatch(/^Node: /m);
    const [, rerun] = /done again as (\S+)/.exec(told) ?? [];
    // A rerun takes part in nothing but the comparison.
    const reusing = await run(wish);
    expect(reusing).toMatchObject({ reused: true, run_id: original.run_id });
    expect(reusing).toMatchObject({ registered: { version: '1' } });

    const found = await reproduced(reusing.workflow_id, rerun);
    expect(found).toMatchObject({ verdict: 'bit-identical', rerun: { workflow_id: rerun } });
    expect(found.original.run_id).toBe(original.run_id);

    const tree = await operator('audit', 'lineage', '--model', model_name);
    expect(tree.code).toBe(0);
    const run1 = `run ${original.run_id}, FINISHED`;
    expect(tree.said).toMatch(new RegExp(`registered as ${model_name} version 1.* champion`));
    expect(tree.said).toContain(run1);
    expect(tree.said).toMatch(/asked for by .*, mlflow_run_experiment$/m);
    const [, data] = /data SHA-256 ([0-9a-f]{64}), 400 rows/.exec(tree.said) ?? [];
    const runs = await lineage('default', { kind: 'data', sha256: data! });
    const own = runs.find(({ run_id }) => run_id === original.run_id);
    expect(own?.reruns.map(({ workflow_id }) => workflow_id)).toEqual([rerun]);
    expect(own?.reuses.map(({ workflow_id }) => workflow_id)).toEqual([reusing.workflow_id]);
    expect(own?.versions.node).toEqual([process.version]);
  });

  it('finds that the data has changed, or is gone', async () => {
    const path = join(service.data, 'changing.csv');
    const lines = (await readFile(join(service.data, 'train.csv'), 'utf8')).split('\n');
    await writeFile(path, lines.join('\n'));
    const source = { kind: 'file', path: 'changing.csv', target: 'label' };
    const { run_id } = await run({ source });
    const [header, first, second, ...others] = lines;
    await writeFile(path, [header, second, first, ...others].join('\n'));
    const { code, said } = await command(run_id, '--json');
    expect(code).toBe(1);
    const found = JSON.parse(said) as Reproduction;
    expect(found).toMatchObject({ verdict: 'different', step: 'load' });
    expect(found.reason).toMatch(/^The data has changed: its SHA-256 was [0-9a-f]{64}\.$/);
    const { result } = await service.invoke('mlflow_get_run', { run_id: found.rerun.workflow_id });
    expect(result).toMatchObject({ status: 'FAILED', failure: { code: 'DATA_CHANGED' } });

    // The same rows from other bytes are not the same data either.
    await writeFile(path, lines.join('\r\n'));
    expect(await reproduced(run_id)).toMatchObject({ verdict: 'different', step: 'load' });

    await rm(path);
    const gone = await reproduced(run_id);
    expect(gone).toMatchObject({ verdict: 'different', step: 'validate' });
    expect(gone.hint).toMatch(/^Put it back where it was \(SHA-256 [0-9a-f]{64}\)/);
  });

  it('finds that inline records are gone', async () => {
    const { run_id, workflow_id } = await run({
      source: { kind: 'inline', records: texts.slice(5) },
    });
    const { request } = await findRun(reproduction, workflow_id);
    const { key } = (request.source as Extract<StoredSource, { kind: 'inline' }>).records;
    await rm(join(service.settings['STATE_DIR']!, 'blobs', key));
    const gone = await reproduced(run_id);
    expect(gone).toMatchObject({ verdict: 'different', step: 'load' });
    expect(gone.reason).toContain('inline records are gone');
    expect(gone.hint).toContain(key);
  });

  it('reproduces a failure', async () => {
    await writeFile(join(service.data, 'hole.csv'), 'f1,label\n,1\n2,0\n3,1\n4,0\n');
    const { failure } = await service.invoke('mlflow_run_experiment', {
      ...{ experiment_name, source: { kind: 'file', path: 'hole.csv', target: 'label' } },
    });
    expect(failure).toMatchObject({ code: 'MISSING_VALUES', step: 'load' });
    const found = await reproduced(failure!['workflow_id']!);
    expect(found).toMatchObject({ verdict: 'equal', rerun: { status: 'FAILED' } });
    expect(found.reason).toBe('Both failed with MISSING_VALUES in the load step.');
  });

  it('leaves the rerun going when nobody waits any longer, and says how to come back', async () => {
    const { run_id, workflow_id } = await run(SOURCES['CSV']!());
    const nobody = { ...service.settings, TEMPORAL_TASK_QUEUE: `nobody-${randomUUID()}` };
    const env = { PATH: process.env['PATH'], ...nobody };
    const child = spawn(process.execPath, [PROGRAM, 'reproduce', run_id], { env });
    let told = '';
    child.stderr.on('data', (text) => {
      told += String(text);
      if (String(text).includes('done again as')) child.kill('SIGINT');
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(2);
    const [, rerun = ''] = /reproduce \S+ --rerun (experiment-\S+)/.exec(told) ?? [];
    const handle = reproduction.client.workflow.getHandle(rerun);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
    await expect(reproduced(run_id, rerun)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(reproduced(rerun)).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    const stranger = reproduced(run_id, workflow_id);
    await expect(stranger).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('reads the exported history of a run that Temporal has forgotten', async () => {
    const original = await run(SOURCES['SQLite']!());
    const workflow_id = await forgotten(original);
    const { run_id } = original;
    const found = await reproduced(workflow_id);
    expect(found).toMatchObject({ verdict: 'bit-identical', original: { workflow_id, run_id } });
  });

  it('does the run of a tenant again as the tenant’s', async () => {
    const own = await run(SOURCES['a named PostgreSQL']!());
    const { request } = await findRun(reproduction, own.workflow_id);
    const { client, taskQueue } = reproduction;
    const workflowId = `experiment-acme.${randomUUID()}`;
    await client.workflow.execute(EXPERIMENT_WORKFLOW, {
      ...{ workflowId, taskQueue, memo: { tenant: 'acme' } },
      args: [{ ...request, tenant: 'acme', experimentName: `acme~${experiment_name}` }],
    });
    const { verdict, original, rerun } = await reproduced(workflowId);
    expect(verdict).toBe('bit-identical');
    expect(rerun.workflow_id).toMatch(/^experiment-acme\.[0-9a-f-]+$/);
    const { memo } = await client.workflow.getHandle(rerun.workflow_id).describe();
    expect(memo).toEqual({ tenant: 'acme', rerunOf: workflowId });
    const start = { kind: 'run', id: original.run_id! } as const;
    const [known] = await lineage('acme', start);
    expect(known?.reruns.map(({ run_id }) => run_id)).toEqual([rerun.run_id]);
    expect(await lineage('default', start)).toEqual([]);
  });

  it('has no answer for what is no run, and says how it is called', async () => {
    const unknown = `experiment-${randomUUID()}`;
    await expect(reproduced(unknown)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await reproduceCommand([])).toBe(2);
    expect(await reproduceCommand([unknown, '--wait', '0'])).toBe(2);
    expect(await lineageCommand(['--run', 'a', '--data', 'b'])).toBe(2);
    expect(said.mock.calls.map(([text]) => String(text).split(' <')[0])).toEqual([
      'Usage: durable-experiments reproduce',
      'Usage: durable-experiments reproduce',
      'Usage: durable-experiments audit lineage',
    ]);
    said.mockRestore();
  });
});
