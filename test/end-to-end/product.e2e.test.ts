import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { isPortFree } from '../../local/ports.ts';
import { startPostgres } from '../support/postgres.ts';
import { invoke, ROOT, startProduct, type Product } from './product.ts';

const run = promisify(execFile);
const EXACT = { accuracy: 0.925, f1_weighted: 0.9246212121212121 };

let stateDir: string;
let product: Product;
let postgres: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'npm-start-'));
  [postgres, product] = await Promise.all([startPostgres(5432), startProduct(stateDir)]);
}, 300_000);
afterAll(async () => {
  await product.interrupt();
  await postgres.stop();
  await rm(stateDir, { recursive: true, force: true });
});

/** The mission document's requests, as it writes them. */
const file = {
  experiment_name: 'demo_tabular',
  model: 'logreg_tabular',
  tracking_uri: 'http://localhost:5000',
  source: {
    kind: 'file',
    path: 'train.csv',
    format: 'csv',
    features: ['f1', 'f2', 'f3'],
    target: 'label',
  },
};
const sql = {
  experiment_name: 'demo_sql',
  model: 'logreg_tabular',
  tracking_uri: 'http://localhost:5000',
  source: {
    kind: 'sql',
    conn: 'postgresql+psycopg://demo:demo@localhost:5432/demo',
    query: 'SELECT * FROM training_table',
    features: ['f1', 'f2', 'f3'],
    target: 'y',
  },
};
const inline = {
  experiment_name: 'demo_inline_text',
  model: 'logreg_text',
  tracking_uri: 'http://localhost:5000',
  source: {
    kind: 'inline',
    task: 'text-classification',
    records: [
      { text: 'hazard: flooding likely tomorrow', label: 1 },
      { text: 'sunny day for the parade', label: 0 },
      { text: 'bridge closure due to high winds', label: 1 },
      { text: 'picnic schedules released', label: 0 },
    ],
  },
};

describe('npm start', () => {
  it('runs the demo experiment and prints its metrics and the addresses', () => {
    const output = product.output();
    expect(output).toMatch(/accuracy +0\.925\n/);
    expect(output).toMatch(/f1_weighted +0\.9246212121212121\n/);
    for (const url of [
      'http://127.0.0.1:8000/mcp',
      'http://127.0.0.1:8233',
      'http://127.0.0.1:5000',
    ]) {
      expect(output).toContain(url);
    }
  });

  it('answers GET /health', async () => {
    const response = await fetch('http://localhost:8000/health');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'healthy', server: 'mcp-mlflow' });
  });
});

describe('the mission document’s requests', () => {
  it('trains on a file with exactly scikit-learn’s metrics', async () => {
    const { status, json } = await invoke('mlflow.run_experiment', file);
    expect(json.error).toBeNull();
    expect(status).toBe(200);
    expect(json.result).toMatchObject({ status: 'FINISHED', metrics: EXACT });
  });

  it('trains on a PostgreSQL query', async () => {
    const { json } = await invoke('mlflow.run_experiment', sql);
    expect(json.error).toBeNull();
    const view = (await invoke('mlflow.get_run', { run_id: json.result?.['run_id'] })).json.result;
    expect(view).toMatchObject({
      status: 'FINISHED',
      params: { n_rows: '600', source_kind: 'sql' },
    });
  });

  it('trains on four inline records, with a test row for each class', async () => {
    const { json } = await invoke('mlflow.run_experiment', inline);
    expect(json.error).toBeNull();
    expect(json.result).toMatchObject({
      status: 'FINISHED',
      warnings: [expect.stringContaining('grown to 2 rows') as string],
    });
  });

  it('shows a run with the document’s fields and the workflow’s steps', async () => {
    const ended = await invoke('mlflow.run_experiment', file);
    const { json } = await invoke('mlflow.get_run', { run_id: ended.json.result?.['run_id'] });
    expect(json.result).toMatchObject({
      run_id: ended.json.result?.['run_id'],
      experiment_id: ended.json.result?.['experiment_id'],
      status: 'FINISHED',
      params: {
        model: 'logreg_tabular',
        n_rows: '400',
        n_features: '3',
        source_kind: 'file',
        target: 'label',
        features: "['f1', 'f2', 'f3']",
      },
      metrics: EXACT,
      artifacts: ['model', 'audit', 'preview', 'report'],
      workflow: { status: 'COMPLETED' },
      failure: null,
      notes: [],
    });
    const steps = json.result?.['steps'] as { step: string; status: string; attempts: number }[];
    expect(steps.map(({ step, status, attempts }) => `${step} ${status} ${attempts}`)).toEqual(
      ['validate', 'open', 'load', 'split', 'train', 'evaluate', 'log', 'close'].map(
        (step) => `${step} COMPLETED 1`,
      ),
    );
  });

  it('trains on its text file, where its own code fails', async () => {
    const { json } = await invoke('mlflow.run_experiment', {
      experiment_name: 'demo_text',
      model: 'logreg_text',
      source: { kind: 'file', path: 'text_data.csv', features: ['text'], target: 'label' },
    });
    expect(json.error).toBeNull();
    expect(json.result).toMatchObject({ status: 'FINISHED' });
  });

  it('trains on SQLite', async () => {
    const { json } = await invoke('mlflow.run_experiment', {
      experiment_name: 'demo_sqlite',
      source: {
        kind: 'sql',
        conn: 'sqlite:///demo.sqlite',
        query: 'SELECT * FROM training_table',
        target: 'y',
      },
    });
    expect(json.error).toBeNull();
    expect(json.result).toMatchObject({ status: 'FINISHED' });
  });
});

describe('the official MCP clients', () => {
  it.each(['auto', 'legacy'] as const)('TypeScript over HTTP, %s', async (mode) => {
    const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost:8000/mcp')));
    const result = await client.callTool({ name: 'mlflow_run_experiment', arguments: file });
    expect(result.structuredContent).toMatchObject({ status: 'FINISHED', metrics: EXACT });
    await client.close();
  });

  it.each(['auto', 'legacy'] as const)('TypeScript over stdio, %s', async (mode) => {
    const client = new Client({ name: 'e2e', version: '1' }, { versionNegotiation: { mode } });
    const transport = new StdioClientTransport({
      command: 'npm',
      args: ['run', '--silent', 'stdio'],
      cwd: ROOT,
      env: { ...(process.env as Record<string, string>), STATE_DIR: stateDir },
      stderr: 'ignore',
    });
    await client.connect(transport);
    const result = await client.callTool({ name: 'mlflow_run_experiment', arguments: inline });
    expect(result.structuredContent).toMatchObject({ status: 'FINISHED' });
    await client.close();
  });

  it.each([
    ['auto', 'http'],
    ['legacy', 'http'],
    ['auto', 'stdio'],
    ['legacy', 'stdio'],
  ])('Python, %s, over %s', async (mode, kind) => {
    const stdio = ['env', `STATE_DIR=${stateDir}`, 'npm', 'run', '--silent', 'stdio'];
    const server = kind === 'http' ? ['http://localhost:8000/mcp'] : stdio;
    const script = join(ROOT, 'test/end-to-end/mcp_client.py');
    const { stdout } = await run(inject('python'), [script, mode, kind, ...server], { cwd: ROOT });
    expect(JSON.parse(stdout)).toMatchObject({
      tools: expect.arrayContaining(['mlflow_run_experiment', 'mlflow_get_run']) as unknown,
      run: { status: 'FINISHED', metrics: EXACT },
      failed: { isError: true, failure: { code: 'FILE_NOT_FOUND', step: 'validate' } },
    });
  });
});

describe('the line protocol on stdio', () => {
  it('prints answers and nothing else', async () => {
    const line = (id: number, method: string, params: unknown) =>
      `${JSON.stringify({ id, method, params, ts_ms: Date.now() })}\n`;
    const child = run('npm', ['run', '--silent', 'stdio', '--', '--lines'], {
      cwd: ROOT,
      env: { ...process.env, STATE_DIR: stateDir },
    });
    child.child.stdin?.end(line(1, 'schema', {}) + line(2, 'mlflow.run_experiment', file));
    const { stdout } = await child;
    const answers = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { id: number; ok: boolean; result: unknown })
      .sort((a, b) => a.id - b.id);
    expect(answers).toMatchObject([
      { id: 1, ok: true, result: { tools: {} } },
      { id: 2, ok: true, result: { metrics: EXACT } },
    ]);
  });
});

describe('the logged run', () => {
  it('holds a model that mlflow.pyfunc loads and that predicts what the preview says', async () => {
    const ended = await invoke('mlflow.run_experiment', { ...file, experiment_name: 'model' });
    const runId = String(ended.json.result?.['run_id']);
    const script = join(ROOT, 'test/end-to-end/load_model.py');
    const child = run(inject('python'), [script, 'http://localhost:5000', runId]);
    child.child.stdin?.end(JSON.stringify({ f1: [2.5, -2.5], f2: [0.5, -0.5], f3: [-0.5, 0.5] }));
    const { stdout } = await child;
    expect(JSON.parse(stdout)).toEqual({
      label: [1, 0],
      columns: ['label', 'probability_0', 'probability_1'],
    });
    const preview = await fetch(
      `http://localhost:5000/get-artifact?run_id=${runId}&path=preview/predictions.csv`,
    );
    const lines = (await preview.text()).trim().split('\n');
    expect(lines[0]).toBe('y_true,y_pred');
    expect(lines).toHaveLength(21);
  });

  it('and everything around it is free of the database’s password', async () => {
    const secret = 'canary-7f3a';
    const { default: pg } = await import('pg');
    const admin = new pg.Client({ ...postgres.connection, user: 'admin', password: 'admin' });
    await admin.connect();
    await admin.query(`create role canary login password '${secret}'`);
    await admin.query('grant select on training_table to canary');
    await admin.end();
    const conn = `postgresql://canary:${secret}@localhost:5432/demo`;
    const answers = [
      await invoke('mlflow.run_experiment', { ...sql, source: { ...sql.source, conn } }),
      await invoke('mlflow.run_experiment', {
        ...sql,
        source: { ...sql.source, conn: conn.replace('canary:', 'nobody:') },
      }),
      await invoke('mlflow.run_experiment', {
        ...sql,
        source: { ...sql.source, conn, query: 'SELECT * FROM nowhere' },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 422]);
    const connection = await Connection.connect({ address: '127.0.0.1:7233' });
    const client = new TemporalClient({ connection });
    const places = [JSON.stringify(answers), product.output()];
    for await (const workflow of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflow.workflowId).fetchHistory();
      // Payloads are base64 there: read them as the UI does.
      places.push(
        historyToJSON(history).replaceAll(/"data":"([^"]+)"/g, (_all, data: string) =>
          String(Buffer.from(data, 'base64')),
        ),
      );
    }
    await connection.close();
    for (const log of ['temporal', 'mlflow']) {
      places.push(await readFile(join(stateDir, 'logs', `${log}.log`), 'utf8'));
    }
    places.push(String(await readFile(join(stateDir, 'mlflow', 'mlflow.db'))));
    expect(places.length).toBeGreaterThan(10);
    expect(places.filter((text) => text.includes(secret))).toEqual([]);
  });
});

describe('stopping and starting again', () => {
  it('ends with all its children, and finds the earlier runs when it is started again', async () => {
    const ended = await invoke('mlflow.run_experiment', file);
    await product.interrupt();
    expect(product.output()).toContain('Stopping');
    for (const port of [8000, 7233, 8233, 5000]) expect(await isPortFree(port)).toBe(true);
    product = await startProduct(stateDir);
    expect(product.output()).not.toContain('demo experiment');
    const { json } = await invoke('mlflow.get_run', { run_id: ended.json.result?.['run_id'] });
    expect(json.result).toMatchObject({ status: 'FINISHED', workflow: { status: 'COMPLETED' } });
  });
});
