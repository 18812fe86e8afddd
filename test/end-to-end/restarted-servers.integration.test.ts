import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { writeDemoData } from '../../examples/demo-data.ts';
import { freePort, isPortFree } from '../../local/ports.ts';
import { groupMembers, processTable } from '../../local/process-table.ts';
import { killServer } from '../support/kill-server.ts';
import { manyTexts } from '../support/many-texts.ts';
import { ROOT } from './product.ts';

let stateDir: string;
let product: ChildProcess;
let printed = '';
let ports: { http: number; temporal: number; ui: number; mlflow: number };

/** `npm start` with the test's Python, a state folder of its own and ports that were free. */
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'restarted-'));
  await writeDemoData(join(stateDir, 'data'));
  ports = {
    http: await freePort(),
    temporal: await freePort(),
    ui: await freePort(),
    mlflow: await freePort(),
  };
  product = spawn(process.execPath, [join(ROOT, 'cli/start.ts')], {
    env: {
      ...process.env,
      ...{ STATE_DIR: stateDir, DATA_ROOTS: join(stateDir, 'data') },
      ...{ PORT: String(ports.http), MLFLOW_PORT: String(ports.mlflow) },
      ...{ TEMPORAL_PORT: String(ports.temporal), TEMPORAL_UI_PORT: String(ports.ui) },
      PATH: `${dirname(inject('python'))}${delimiter}${process.env['PATH']}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const output of [product.stdout, product.stderr]) {
    output?.on('data', (chunk: Buffer) => (printed += String(chunk)));
  }
  product.once('exit', (code) => (printed += `\nended with ${code}\n`));
  await untilPrinted('Ready.');
});
afterAll(async () => {
  if (product.exitCode === null && product.signalCode === null) {
    product.kill('SIGKILL');
    await once(product, 'exit');
  }
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
});

/** Waits until a text stands `times` times in the output; the test's own timeout is the limit. */
async function untilPrinted(text: string, times = 1): Promise<void> {
  while (printed.split(text).length <= times) {
    if (product.exitCode !== null) throw new Error(`npm start has ended:\n${printed}`);
    await pause();
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

interface View {
  readonly run_id: string;
  readonly status: string | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly workflow: { readonly status: string };
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

/** Null while Temporal or MLflow is away. */
async function invoke(tool: string, params: object): Promise<Record<string, unknown> | null> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool, params }),
  });
  return ((await response.json()) as { result: Record<string, unknown> | null }).result;
}

const CSV = { source: { kind: 'file', path: 'train.csv', target: 'label' } };

/** A training that takes seconds. */
const TEXTS = {
  source: { kind: 'inline', records: manyTexts(4000, { words: 30, vocabulary: 3000 }) },
  params: { C: 1e6, tol: 1e-12, max_iter: 300 },
};

async function start(experiment_name: string, request: object): Promise<string> {
  const started = await invoke('mlflow_run_experiment', {
    ...{ experiment_name, wait_seconds: 0 },
    ...request,
  });
  return String(started?.['workflow_id']);
}

async function viewWhen(id: string, wanted: (view: View) => boolean): Promise<View> {
  for (;;) {
    const view = (await invoke('mlflow_get_run', { run_id: id })) as View | null;
    if (view && wanted(view)) return view;
    await pause();
  }
}

const ended = (id: string): Promise<View> =>
  viewWhen(id, ({ status, workflow }) => workflow.status !== 'RUNNING' && status !== null);

async function health(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/health`);
  const { checks } = (await response.json()) as { checks: Record<string, string> };
  return `${response.status} temporal ${checks['temporal']}, mlflow ${checks['mlflow']}`;
}

async function untilHealth(wanted: string): Promise<void> {
  while ((await health()) !== wanted) await pause();
}

const kill = (name: 'temporal' | 'mlflow'): Promise<number> => killServer(stateDir, name);

/** MLflow runs of an experiment, by their ids. */
async function runsOf(experiment: string): Promise<string[]> {
  const api = `http://127.0.0.1:${ports.mlflow}/api/2.0/mlflow`;
  const named = await fetch(
    `${api}/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`,
  );
  const { experiment_id } = ((await named.json()) as { experiment: { experiment_id: string } })
    .experiment;
  const found = await fetch(`${api}/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: [experiment_id] }),
  });
  const { runs } = (await found.json()) as { runs: { info: { run_id: string } }[] };
  return runs.map(({ info }) => info.run_id);
}

// Three starts of MLflow, each as slow as the machine is busy.
describe('npm start, when its servers are killed beneath it', { timeout: 180_000 }, () => {
  it('starts them again; every run ends, once, as if nothing had happened', async () => {
    const requests = [CSV, TEXTS, CSV];
    const calm = await Promise.all(
      requests.map(async (request) => ended(await start('calm', request))),
    );
    const ids = await Promise.all(requests.map((request) => start('disturbed', request)));
    await viewWhen(ids[1] as string, ({ steps }) =>
      steps.some(({ step, status }) => step === 'train' && status === 'RUNNING'),
    );

    const mlflow = await kill('mlflow');
    await untilHealth('503 temporal ok, mlflow no answer');
    // Started while MLflow is away: its first step with MLflow waits.
    ids.push(await start('disturbed', CSV));
    const temporal = await kill('temporal');
    await untilPrinted('Temporal answers again.');
    await untilPrinted('MLflow answers again.');
    await untilHealth('200 temporal ok, mlflow ok');
    expect(await groupMembers(mlflow)).toEqual([]);
    expect(await groupMembers(temporal)).toEqual([]);

    const views = await Promise.all(ids.map(ended));
    for (const [i, view] of views.entries()) {
      expect(view).toMatchObject({ status: 'FINISHED', notes: [] });
      expect(view.metrics).toEqual(calm[i % requests.length]?.metrics);
    }
    expect((await runsOf('disturbed')).sort()).toEqual(views.map(({ run_id }) => run_id).sort());
    expect(printed).toMatch(
      /MLflow has ended \(signal SIGKILL\); see .* Starting it again at once/,
    );
    expect(printed).toMatch(/Temporal has ended \(signal SIGKILL\); see .* Starting it again at/);
  });

  it('leaves nothing behind when it is interrupted while they are being started again', async () => {
    await Promise.all([kill('mlflow'), kill('temporal')]);
    await untilPrinted('MLflow has ended', 2);
    await untilPrinted('Temporal has ended', 2);
    const exited = once(product, 'exit');
    process.kill(-(product.pid as number), 'SIGINT');

    expect(await exited).toEqual([0, null]);
    for (const port of Object.values(ports)) expect(await isPortFree(port)).toBe(true);
    const left = (await processTable()).filter(
      ({ command }) => command.includes(stateDir) || command.includes(`--port ${ports.mlflow}`),
    );
    expect(left).toEqual([]);
    const database = new DatabaseSync(join(stateDir, 'temporal', 'temporal.db'));
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });
});
