import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import { committed } from '../../../platform/audit/commitment.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { findLineage, type LineageStart } from '../../../platform/audit/lineage/find-lineage.ts';
import { lineageTree } from '../../../platform/audit/lineage/lineage-tree.ts';
import { treeText } from '../../../platform/audit/lineage/tree-text.ts';
import { SERVICE_CHAIN } from '../../../schemas/audit-event.ts';

const hex = (digit: string): string => digit.repeat(64);
const [SOURCE, DATA, SPLIT, LOCK] = ['a', 'b', 'c', 'd'].map(hex) as [
  string,
  string,
  string,
  string,
];

let folder: string;
let log: AuditLog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lineage-'));
  log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, 'audit.db') }),
    recorder: { role: 'worker', version: '1+abc', instance: 'here:1' },
  });
  await log.record({
    ...{ name: 'service.started', chain: SERVICE_CHAIN },
    fields: {
      ...{ 'config.sha256': hex('0'), 'dependencies.sha256': LOCK, 'config.changed': false },
      ...{ 'process.runtime.version': 'v24.1.0', 'config.commitment': hex('1') },
    },
  });
  await recordRun('one', { run: 'run1', model: 'm-1', modelSha256: hex('e') });
  await recordRun('again', { run: 'run2', model: 'm-2', modelSha256: hex('f'), rerunOf: 'run1' });
  await register('one', { version: '1', champion: true });
  await recordReuse('reusing');
  await register('reusing', { version: '2', champion: false });
});
afterAll(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

const chain = 'acme';
const workflow = (name: string): string => `experiment-acme.${name}`;
const ids = (name: string) => ({
  ...{ 'temporal.workflow_id': workflow(name), 'temporal.run_id': `t-${name}` },
});

/** What the server and the first attempt record of a run. */
async function recordStart(name: string, rerunOf?: string): Promise<void> {
  const asked = committed({ experiment_name: 'churn\u202e' }, workflow(name));
  if (rerunOf === undefined) {
    await log.record({
      ...{ name: 'tool.requested', chain, secrets: [asked] },
      fields: {
        ...{ 'temporal.workflow_id': workflow(name), 'user.id': 'alice', 'request.id': name },
        ...{ 'gen_ai.tool.name': 'mlflow_run_experiment', scopes: [], decision: 'allowed' },
        ...{ rule: 'open server', 'arguments.bytes': 9, 'arguments.commitment': asked.commitment },
      },
    });
  }
  const input = committed({ experimentName: 'churn' }, workflow(name));
  await log.record({
    ...{ name: 'run.started', chain, secrets: [input] },
    fields: {
      ...{ ...ids(name), 'user.id': 'alice', 'request.commitment': input.commitment },
      ...{ 'salt.commitment': hex('2'), 'dependencies.sha256': LOCK },
      ...(rerunOf !== undefined && { rerun_of: rerunOf }),
    },
  });
}

async function ended(name: string, activity: string, facts: object): Promise<void> {
  await log.record({
    ...{ name: 'attempt.ended', chain },
    fields: {
      ...{ ...ids(name), 'temporal.activity': activity, 'temporal.activity_id': randomUUID() },
      ...{ 'temporal.attempt': 1, outcome: 'completed', duration_ms: 1, ...facts },
    },
  });
}

async function recordRun(
  name: string,
  made: { run: string; model: string; modelSha256: string; rerunOf?: string },
): Promise<void> {
  await recordStart(name, made.rerunOf);
  await ended(name, 'openRun', { 'mlflow.run_id': made.run });
  await ended(name, 'loadDataset', {
    ...{ 'source.sha256': SOURCE, 'dataset.sha256': DATA, 'dataset.rows': 400 },
  });
  await ended(name, 'splitDataset', { 'split.sha256': SPLIT });
  await ended(name, 'trainModel', { 'model.sha256': made.modelSha256 });
  await ended(name, 'logRun', { 'mlflow.run_id': made.run, 'mlflow.model_id': made.model });
  await ended(name, 'closeRun', { 'mlflow.run_id': made.run, 'run.status': 'FINISHED' });
}

async function recordReuse(name: string): Promise<void> {
  await recordStart(name);
  await ended(name, 'findReusableRun', {});
  await log.record({
    ...{ name: 'run.reused', chain },
    fields: { ...ids(name), 'mlflow.run_id': 'run1', 'mlflow.model_id': 'm-1' },
  });
}

async function register(
  name: string,
  { version, champion }: { version: string; champion: boolean },
): Promise<void> {
  await log.record({
    ...{ name: 'model.registered', chain },
    fields: {
      ...{ ...ids(name), 'mlflow.run_id': 'run1', 'mlflow.model_id': 'm-1', champion },
      ...{ 'model.name': 'acme~churn', 'model.version': version, 'gate.metric': 'accuracy' },
      'gate.reason': champion ? 'The first.' : 'Not greater.',
    },
  });
}

const lineage = (start: LineageStart, tenant = chain) => findLineage(log.database, tenant, start);
const text = async (start: LineageStart): Promise<string> =>
  treeText(lineageTree(start, await lineage(start)));

describe('a lineage', () => {
  it('leads from a registered version back to data, source, request, caller and code', async () => {
    const start = { kind: 'model', name: 'churn', version: '2' } as const;
    const [run, ...others] = await lineage(start);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      ...{ run_id: 'run1', status: 'FINISHED', model_id: 'm-1', model_sha256: hex('e') },
      ...{ split_sha256: SPLIT, dataset_sha256: DATA, dataset_rows: 400, source_sha256: SOURCE },
      request: { tool: 'mlflow_run_experiment', caller: 'alice' },
      versions: { code: ['1+abc'], dependencies: [LOCK], node: ['v24.1.0'] },
    });
    expect(run?.request?.arguments).toEqual({ experiment_name: 'churn\u202e' });
    const shown = await text(start);
    expect(shown.split('\n')[0]).toBe('registered model churn, version 2');
    expect(shown).toContain('by experiment-acme.reusing, which used the run again');
    expect(shown).not.toContain('version 1');
    expect(shown).toContain(`source SHA-256 ${SOURCE}`);
    // What a caller wrote can’t turn the line around that shows it.
    expect(shown).toContain('churn\\u202e');
  });

  it('leads from data, or its source, forward to every run, model and decision', async () => {
    for (const sha256 of [DATA, SOURCE]) {
      const runs = await lineage({ kind: 'data', sha256 });
      expect(runs.map(({ run_id }) => run_id)).toEqual(['run1', 'run2']);
      const [first] = runs;
      expect(first?.reruns.map(({ run_id }) => run_id)).toEqual(['run2']);
      expect(first?.reuses.map(({ workflow_id }) => workflow_id)).toEqual([workflow('reusing')]);
      expect(first?.registrations).toMatchObject([
        { name: 'acme~churn', version: '1', champion: true, workflow_id: workflow('one') },
        { name: 'acme~churn', version: '2', champion: false, workflow_id: workflow('reusing') },
      ]);
    }
    const shown = await text({ kind: 'data', sha256: DATA });
    expect(shown).toMatch(/├─ run run1, FINISHED/);
    expect(shown).toMatch(/└─ run run2, FINISHED/);
    expect(shown).toMatch(/registered as acme~churn version 1, became champion: The first\./);
  });

  it('is the same by a run’s ids and its model’s', async () => {
    const [byRun] = await lineage({ kind: 'run', id: 'run1' });
    expect(await lineage({ kind: 'run', id: workflow('one') })).toEqual([byRun]);
    expect(await lineage({ kind: 'model-id', id: 'm-1' })).toEqual([byRun]);
    const rerun = await text({ kind: 'run', id: 'run2' });
    expect(rerun).toContain('does run run1 again');
    const reusing = await lineage({ kind: 'run', id: workflow('reusing') });
    expect(reusing.map(({ run_id }) => run_id)).toEqual([null, 'run1']);
  });

  it('is empty in another tenant’s chain', async () => {
    expect(await lineage({ kind: 'run', id: 'run1' }, 'default')).toEqual([]);
    expect(await lineage({ kind: 'model', name: 'churn' }, 'default')).toEqual([]);
  });

  it('says that a request was erased', async () => {
    await log.database.tables
      .deleteFrom('audit_private')
      .where('workflow_id', '=', workflow('again'))
      .execute();
    const [run] = await lineage({ kind: 'run', id: 'run2' });
    expect(run?.request).toMatchObject({ tool: null, caller: 'alice', arguments: null });
    expect(await text({ kind: 'run', id: 'run2' })).toContain('arguments: erased');
  });
});
