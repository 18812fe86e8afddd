import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freePort } from '../../local/ports.ts';
import { createLogger } from '../../platform/logging.ts';
import { createFileStore } from '../../platform/storage/file-store.ts';
import { readConfig } from '../../schemas/config.ts';
import { startServer } from '../../server/listen.ts';
import { filesUnder } from '../faults/files.ts';
import { forgetWorkflow } from '../support/forget-workflow.ts';
import { followRuns } from '../support/follow-runs.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const ENTRY = fileURLToPath(new URL('../../cli/durable-experiments.mjs', import.meta.url));
const DAY = 86_400;

let service: TestService;
let blobs: string;
const { start, ended, retry } = followRuns(() => service, 'gc');

/** Workflow ids. */
const runs = { kept: '', sharing: '', forgotten: '', going: '' };
/** Keys that must stay, whatever has become of their workflow. */
const OTHERS = {
  young: `runs/experiment-${randomUUID()}/dataset.0011`,
  history: `histories/experiment-${randomUUID()}/1.json.gz`,
  strange: 'notes/of-the-operator.txt',
};

beforeAll(async () => {
  service = await startTestService({ TEMPORAL_NAMESPACE: `gc-${randomUUID()}` });
  blobs = join(service.settings['STATE_DIR']!, 'blobs');
  const [kept, sharing, forgotten] = await Promise.all([
    start(inline('shared')),
    start(inline('shared')),
    start(inline('alone')),
  ]);
  Object.assign(runs, { kept, sharing, forgotten });
  for (const id of [kept, sharing, forgotten]) await ended(id);
  runs.going = `experiment-${randomUUID()}`;
  await service.temporal.workflow.start('runExperiment', {
    ...{ workflowId: runs.going, taskQueue: 'nobody', args: [{ source: { kind: 'file' } }] },
  });
  // As when their retention is over.
  await Promise.all([sharing, forgotten].map((id) => forgetWorkflow(service, id)));
  await put(`runs/${runs.going}/dataset.0011`);
  await put(`runs/${forgotten}/checkpoints/0011`);
  await put('inspections/inspection-1.0011');
  await put('tenants/acme/inline/records.0011');
  for (const key of Object.values(OTHERS)) await put(key);
  // All but one thing is older than a day.
  const before = Date.now() / 1000 - 2 * DAY;
  for (const key of await stored()) {
    if (key !== OTHERS.young) await utimes(join(blobs, key), before, before);
  }
});
afterAll(async () => {
  await service.temporal.workflow.getHandle(runs.going).terminate();
  await service.stop();
});

/** The same records for the same word. */
function inline(word: string) {
  const records = Array.from({ length: 12 }, (_, i) => ({
    ...{ text: `${i % 2 ? 'rain' : 'sun'} ${word}`, label: i % 2 ? 'wet' : 'dry' },
  }));
  return { source: { kind: 'inline', records } };
}

async function put(key: string, folder = blobs): Promise<void> {
  await mkdir(dirname(join(folder, key)), { recursive: true });
  await writeFile(join(folder, key), 'some bytes');
}

async function stored(): Promise<string[]> {
  const keys = await createFileStore(blobs).list('');
  // Histories are copied when a worker finds the time.
  return keys.filter((key) => !key.startsWith('histories/') || key === OTHERS.history);
}

const of = (keys: readonly string[], id: string): string[] =>
  keys.filter((key) => key.startsWith(`runs/${id}/`));

function gc(settings: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const env = { ...process.env, ...service.settings, ...settings };
  return new Promise<{ code: number; said: string }>((resolve) => {
    execFile(process.execPath, [ENTRY, 'gc', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}

/** Another process looks: closing the file here would take SQLite’s locks from the service. */
async function recorded(): Promise<unknown> {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(process.argv[1], { readOnly: true });
    const named = "select body from audit_events where name = 'blobs.collected' order by chain, seq";
    console.log(JSON.stringify(database.prepare(named).all().map(({ body }) => JSON.parse(body))));`;
  const file = join(dirname(blobs), 'audit', 'audit.db');
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, file]);
  return JSON.parse(stdout) as unknown;
}

describe('gc', () => {
  it('refuses when it can’t know, and removes nothing then', async () => {
    const before = await stored();
    const elsewhere = join(dirname(blobs), 'elsewhere');
    await put('runs/experiment-1/dataset.0011', elsewhere);
    await utimes(join(elsewhere, 'runs/experiment-1/dataset.0011'), 0, 0);
    const away = { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` };
    const ends = await Promise.all([
      gc(away, '--delete'),
      gc({ TEMPORAL_NAMESPACE: 'nowhere' }, '--delete'),
      gc({ BLOB_STORE: elsewhere }, '--delete'),
      gc({}, '--delete', '--older-than-hours', '0.5'),
    ]);
    expect(ends).toMatchObject([
      { code: 1, said: expect.stringContaining('Temporal does not answer') as string },
      { code: 1, said: expect.stringContaining('no namespace “nowhere”') as string },
      { code: 1, said: expect.stringContaining('knows none of these runs') as string },
      { code: 2, said: expect.stringContaining('1 at least') as string },
    ]);
    expect(await stored()).toEqual(before);
    expect(await filesUnder(elsewhere)).toHaveLength(1);
    expect(await gc({ BLOB_STORE: elsewhere }, '--delete', '--none-known')).toMatchObject({
      ...{ code: 0, said: expect.stringContaining('Removed 1 blobs') as string },
    });
    expect(await filesUnder(elsewhere)).toEqual([]);
  });

  it('says what would go, by tenant and kind, and removes just that when told to', async () => {
    const before = await stored();
    const plan = await gc({});
    expect(plan.code).toBe(0);
    expect(plan.said).toContain('Temporal still has 2.');
    for (const line of [
      'default: dataset, 2 blobs',
      'default: checkpoints, 1',
      'acme: records, 1',
    ]) {
      expect(plan.said).toContain(line);
    }
    expect(plan.said).not.toContain('default: records');
    expect(plan.said).toContain('that needs --delete');
    expect(await stored()).toEqual(before);

    const done = await gc({}, '--delete');
    expect(done.code).toBe(0);
    const left = await stored();
    const gone = before.filter((key) => !left.includes(key));
    expect(gone).toEqual(
      [
        ...of(before, runs.forgotten),
        ...of(before, runs.sharing),
        ...['inspections/inspection-1.0011', 'tenants/acme/inline/records.0011'],
      ].sort(),
    );
    expect(done.said).toContain(`Removed ${gone.length} blobs`);
    expect(of(left, runs.going)).toHaveLength(1);
    for (const key of Object.values(OTHERS)) expect(left).toContain(key);
  });

  it('keeps what is needed to do a kept run again, and records what went', async () => {
    await retry(runs.kept, 'load');
    expect(await ended(runs.kept)).toMatchObject({ status: 'FINISHED', failure: null });
    const { result } = await service.invoke('mlflow_get_run', { run_id: runs.forgotten });
    expect(result).toMatchObject({ status: 'FINISHED' });
    expect(await recorded()).toMatchObject([
      { 'audit.chain': 'acme', 'collected.blobs': 1, 'collected.bytes': 10 },
      // Of the other blob store.
      { 'audit.chain': 'default', 'collected.blobs': 1 },
      { 'audit.chain': 'default', 'collected.blobs': 10 },
    ]);
    const again = await gc({});
    expect(again.said).toContain('Nothing is to be removed');
  });

  it('keeps records for as long as the audit log can reproduce a run from them', async () => {
    const inlined = async () => (await stored()).filter((key) => key.startsWith('inline/'));
    expect(await inlined()).toHaveLength(2);
    expect(await gc({ AUDIT: 'false' }, '--delete')).toMatchObject({
      ...{ code: 0, said: expect.stringContaining('default: records, 1 blobs') as string },
    });
    // The others are those of a run that Temporal has.
    expect(await inlined()).toHaveLength(1);
    await retry(runs.kept, 'load');
    expect(await ended(runs.kept)).toMatchObject({ status: 'FINISHED', failure: null });
  });

  it('keeps all records while there are requests that it can’t read', async () => {
    const lone = 'inline/records.0022';
    await put(lone);
    await utimes(join(blobs, lone), 0, 0);
    expect((await gc({})).said).toContain('default: records, 1');
    // Of another installation, maybe; but it might use the same blobs.
    const strange = { ENCRYPT_PAYLOADS: 'true', PAYLOAD_KEYS_FILE: join(blobs, '..', 'strange') };
    const other = await startServer(
      readConfig({ ...service.settings, ...strange }),
      createLogger('test', 'silent'),
    );
    const asked = await fetch(`${other.url}/invoke`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({
        tool: 'mlflow_run_experiment',
        params: { ...inline('strange'), experiment_name: 'gc', wait_seconds: 0 },
      }),
    });
    await other.stop();
    const { result } = (await asked.json()) as { result: { workflow_id: string } };
    const unread = 'runs have requests that no key in PAYLOAD_KEYS_FILE decrypts';
    await expect
      .poll(async () => await gc({}), { timeout: 20_000 })
      .toMatchObject({ code: 0, said: expect.stringContaining(`1 ${unread}`) as string });
    await gc({}, '--delete');
    expect(await stored()).toContain(lone);
    await service.temporal.workflow.getHandle(result.workflow_id).terminate();
  });
});
