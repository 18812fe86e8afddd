import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { writeDemoData } from '../../examples/demo-data.ts';
import { freePort } from '../../local/ports.ts';
import { processTable, signalGroup } from '../../local/process-table.ts';
import { pause } from '../faults/experiments.ts';
import { mcpRequest } from '../server/mcp-request.ts';
import { holds, whereIs } from '../support/canary-search.ts';
import { startOtlpCollector, type OtlpCollector } from '../support/otlp-collector.ts';
import { startProductProcess, type ProductProcess } from '../support/product-process.ts';

/** No digits in the middle of words: a text keeps it as one word of its vocabulary. */
const canary = (name: string): string =>
  `canary${name}${randomUUID()
    .replaceAll('-', '')
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] as string)}`;
const SECRETS = {
  'the password of a raw connection string': canary('raw'),
  'a wrong password': canary('wrong'),
  'the password of a named connection': canary('named'),
  'MLflow’s token': canary('token'),
  'a key in the environment': canary('environment'),
  'a password within a tracking_uri': canary('uri'),
};
const [RAW, WRONG, NAMED, TOKEN, ENVIRONMENT, URI] = Object.values(SECRETS) as [
  ...[string, string, string, string, string, string],
];
/** A literal of a query, a record’s text in runs that fail, and one in a run that finishes. */
const LITERAL = canary('literal');
const RECORD = canary('record');
const KEPT = canary('kept');

let folder: string;
let stateDir: string;
let url: string;
let server: ProductProcess;
let worker: ProductProcess;
let collector: OtlpCollector;
/** Every answer so far, whatever it was. */
const answers: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-'));
  stateDir = join(folder, 'state');
  const data = join(folder, 'data');
  await writeDemoData(data);
  const connections = join(folder, 'connections.json');
  const { host, port, database } = inject('postgres');
  const named = { kind: 'postgresql', host, port, database, user: NAMED_ROLE };
  await writeFile(
    connections,
    JSON.stringify({ named: { ...named, passwordEnv: 'CANARY_PASSWORD' } }),
  );
  await makeRoles();
  collector = await startOtlpCollector();
  const settings = {
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
    ...{ PORT: String(await freePort()), STATE_DIR: stateDir, DATA_ROOTS: data },
    ...{ CONNECTIONS_FILE: connections, CANARY_PASSWORD: NAMED },
    ...{ TEMPORAL_ADDRESS: inject('temporal'), TEMPORAL_TASK_QUEUE: `canary-${randomUUID()}` },
    AWS_SECRET_ACCESS_KEY: ENVIRONMENT,
    ...{ MLFLOW_TRACKING_URI: inject('mlflow'), MLFLOW_TRACKING_TOKEN: TOKEN },
    // What is encrypted would hide a leak from this test.
    ENCRYPT_PAYLOADS: 'false',
  };
  url = `http://127.0.0.1:${settings.PORT}`;
  [server, worker] = await Promise.all([
    startProductProcess('server', settings),
    startProductProcess('worker', settings),
  ]);
});
afterAll(async () => {
  await Promise.all([server.kill(), worker.kill(), collector.close()]);
  await admin(`drop owned by ${RAW_ROLE}`, `drop role ${RAW_ROLE}`);
  await admin(`drop owned by ${NAMED_ROLE}`, `drop role ${NAMED_ROLE}`);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const RAW_ROLE = `raw_${process.pid}`;
const NAMED_ROLE = `named_${process.pid}`;

async function makeRoles(): Promise<void> {
  for (const [role, password] of [
    [RAW_ROLE, RAW],
    [NAMED_ROLE, NAMED],
  ]) {
    await admin(
      `create role ${role} login password '${password}'`,
      `grant select on training_table to ${role}`,
    );
  }
}

async function admin(...statements: string[]): Promise<void> {
  const { host, port, database } = inject('postgres');
  const client = new pg.Client({ host, port, database, user: 'admin', password: 'admin' });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

interface Answer {
  readonly result: Readonly<Record<string, string>> | null;
  readonly failure?: Readonly<Record<string, string | null>>;
}

async function post(path: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  const text = await response.text();
  answers.push(text);
  return JSON.parse(text) as Answer;
}
const ask = (tool: string, params: object): Promise<Answer> =>
  post('/invoke', JSON.stringify({ tool, params }));

const raw = (password: string, { host, port, database } = inject('postgres')): string =>
  `postgresql://${RAW_ROLE}:${password}@${host}:${port}/${database}`;
const sql = (conn: string, query = 'SELECT * FROM training_table', target = 'y') => ({
  source: { kind: 'sql', conn, query, target },
});
const inline = (...records: object[]) => ({ source: { kind: 'inline', records } });
const texts = (text: string, count = 12) =>
  Array.from({ length: count }, (_, i) => ({
    text: `${i % 2 ? 'rain' : 'sun'} ${text}`,
    label: i % 2 ? 'wet' : 'dry',
  }));
const run = (request: object): Promise<Answer> =>
  ask('mlflow_run_experiment', { experiment_name: `canary-${process.pid}`, ...request });

/** A table with itself and itself again: it is read until somebody stops it. */
const ENDLESS = `SELECT a.f1, b.f2, c.f3, a.y FROM training_table a, training_table b, training_table c
  WHERE '${LITERAL}' <> 'x'`;

async function readerKilled(): Promise<Answer> {
  const request = sql('sqlite:///demo.sqlite', ENDLESS);
  const { result } = await run({ ...request, wait_seconds: 0 });
  for (;;) {
    const answer = await ask('mlflow_get_run', { run_id: result?.['workflow_id'] });
    const { workflow, failure, steps } = answer.result as unknown as View;
    if (workflow.status !== 'RUNNING') return { result: null, ...(failure && { failure }) };
    const loading = steps.some(({ step, status }) => step === 'load' && status === 'RUNNING');
    for (const pid of loading ? await readersOf(worker.pid) : []) signalGroup(pid, 'SIGKILL');
    await pause(200);
  }
}

/** The reader processes of a worker: each leads a process group of its own. */
async function readersOf(parent: number): Promise<number[]> {
  const readers = (await processTable()).filter(({ command }) => command.includes('reader-child'));
  const own = readers.map(async ({ pid }) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === parent ? [pid] : [];
  });
  return (await Promise.all(own)).flat();
}

async function cancelled(): Promise<Answer> {
  const { result } = await run({ ...sql(raw(RAW), ENDLESS), wait_seconds: 0 });
  await ask('mlflow_cancel_run', { run_id: result?.['workflow_id'], reason: 'not needed' });
  for (;;) {
    const answer = await ask('mlflow_get_run', { run_id: result?.['workflow_id'] });
    const { workflow } = answer.result as unknown as View;
    if (workflow.status !== 'RUNNING') return { result: null, failure: { code: workflow.status } };
    await pause(100);
  }
}

interface View {
  readonly workflow: { readonly status: string };
  readonly failure: Readonly<Record<string, string | null>> | null;
  readonly steps: readonly { readonly step: string; readonly status: string }[];
}

/** MLflow refuses runs of an experiment that was deleted. */
async function refusedByMlflow(): Promise<Answer> {
  const name = `deleted-${randomUUID()}`;
  const call = async (what: string, body: object): Promise<{ experiment_id: string }> => {
    const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/experiments/${what}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { experiment_id: string };
  };
  const { experiment_id } = await call('create', { name });
  await call('delete', { experiment_id });
  return run({ experiment_name: name, ...sql(raw(RAW)) });
}

const FAILURES: readonly [string, string, () => Promise<Answer>][] = [
  ['a wrong password', 'DATABASE_LOGIN_FAILED', () => run(sql(raw(WRONG)))],
  [
    'an unknown host',
    'DATABASE_UNAVAILABLE',
    () => run(sql(raw(RAW, { ...inject('postgres'), host: 'nowhere.invalid' }))),
  ],
  ['a missing table', 'QUERY_FAILED', () => run(sql(raw(RAW), 'SELECT * FROM nowhere'))],
  ['bad SQL', 'QUERY_FAILED', () => run(sql(raw(RAW), `SELECT '${LITERAL}' FORM training_table`))],
  [
    'a value that the database can’t convert',
    'QUERY_FAILED',
    () => run(sql(raw(RAW), `SELECT f1, CAST('${LITERAL}' AS integer) AS y FROM training_table`)),
  ],
  ['a bad column', 'COLUMN_NOT_FOUND', () => run(sql(raw(RAW), undefined, 'nothing'))],
  ['a bad column by name', 'COLUMN_NOT_FOUND', () => run(sql('named', undefined, 'nothing'))],
  [
    'a connection string with an option',
    'CONNECTION_NOT_ALLOWED',
    () => run(sql(`${raw(RAW)}?sslcert=/etc/passwd`)),
  ],
  ['an unknown database', 'CONNECTION_NOT_FOUND', () => run(sql(`${raw(RAW)}-2`))],
  ['a broken connection string', 'INVALID_REQUEST', () => run(sql(`postgresql://a:${RAW}@[b`))],
  ['one after a space', 'INVALID_REQUEST', () => run(sql(` ${raw(RAW)}`))],
  ['one without a scheme', 'INVALID_REQUEST', () => run(sql(`//a:${RAW}@localhost/demo`))],
  ['one of keywords', 'INVALID_REQUEST', () => run(sql(`host=localhost user=a password=${RAW}`))],
  [
    'a tracking_uri elsewhere',
    'TRACKING_URI_NOT_ALLOWED',
    () => run({ ...inline(...texts(RECORD)), tracking_uri: `http://a:${URI}@elsewhere.test` }),
  ],
  [
    'a record without a text',
    'INVALID_REQUEST',
    () => run(inline(...texts(RECORD), { text: null, label: 'wet' })),
  ],
  [
    'labels of two types',
    'MIXED_LABELS',
    () => run(inline(...texts('a'), { text: RECORD, label: 1 }, { text: 'b', label: RECORD })),
  ],
  [
    'too many rows',
    'ROW_LIMIT',
    () => run({ ...inline(...texts(RECORD)), limits: { max_rows: 3 } }),
  ],
  [
    'a lonely class',
    'CLASS_TOO_SMALL',
    () => run(inline(...texts('a'), { text: RECORD, label: RECORD })),
  ],
  ['a body that is no JSON', 'INVALID_REQUEST', () => post('/invoke', `{"tool": "${RECORD}`)],
  ['an unknown argument', 'INVALID_REQUEST', () => run({ ...sql(raw(RAW)), password: WRONG })],
  ['a cancelled run', 'CANCELLED', cancelled],
  ['MLflow’s refusal', 'MLFLOW_REFUSED', refusedByMlflow],
];

describe('whatever becomes of a run', () => {
  it.concurrent.each(FAILURES)('it fails as it should: %s', async (_, code, fail) => {
    const { failure } = await fail();
    expect(failure).toMatchObject({ code });
    const id = failure?.['workflow_id'] ?? failure?.['run_id'];
    if (id) await ask('mlflow_get_run', { run_id: id });
  });

  it.concurrent.each<[string, () => object]>([
    ['a raw connection string', () => sql(raw(RAW))],
    ['a named connection', () => sql('named')],
    ['records', () => inline(...texts(KEPT))],
  ])('it finishes from %s', async (_, request) => {
    const { result } = await run(request());
    expect(result).toMatchObject({ status: 'FINISHED' });
    await ask('mlflow_get_run', { run_id: result?.['run_id'] });
  });

  it('its reader may be killed', async () => {
    expect((await readerKilled()).failure).toMatchObject({ code: 'READER_DIED' });
  });
});

describe('afterwards', () => {
  beforeAll(async () => {
    // Everything else that answers.
    await ask('mlflow_list_runs', {});
    await ask('mlflow_validate_source', sql(raw(RAW)));
    await ask('mlflow_validate_source', sql(raw(WRONG)));
    await ask('mlflow_validate_source', sql('named'));
    for (const path of ['/health', '/tools', '/openapi.json']) {
      answers.push(await (await fetch(`${url}${path}`)).text());
    }
    const call = {
      name: 'mlflow_run_experiment',
      arguments: { experiment_name: 'canary', ...sql(raw(WRONG)) },
    };
    const answer = await mcpRequest((init) => fetch(`${url}/mcp`, init), 'tools/call', call, {});
    answers.push(JSON.stringify(answer));
    // The last of the runs that fail.
    await collector.until((spans) => spans.some(({ status }) => status.message === 'READER_DIED'));
  });

  const said = (): string => `${server.said()}\n${worker.said()}`;
  const places = async (text: string) => ({
    answers: answers.filter((answer) => holds(answer, text)),
    logs: said()
      .split('\n')
      .filter((line) => holds(line, text)),
    // As it was sent: what the collector does not know of, too.
    spans: holds(collector.bytes(), text) ? ['sent'] : [],
    temporal: await whereIs(text, join(inject('stateDir'), 'temporal')),
    mlflow: (await whereIs(text, join(inject('stateDir'), 'mlflow'))).map(kindOf),
    ours: (await whereIs(text, stateDir)).map(kindOf),
  });
  const NOWHERE = { answers: [], logs: [], spans: [], temporal: [], mlflow: [], ours: [] };

  it.each(Object.entries(SECRETS))('%s stands nowhere', async (_, secret) => {
    expect(await places(secret)).toEqual(NOWHERE);
  });

  it('a literal of a query stands in the request, as Temporal keeps it and beside the audit log', async () => {
    const { temporal, ours, ...elsewhere } = await places(LITERAL);
    expect(elsewhere).toEqual({ answers: [], logs: [], spans: [], mlflow: [] });
    expect(temporal).not.toEqual([]);
    for (const place of ours) expect(place).toMatch(/^audit\/audit\.db(-wal)?$/);
    // Where it can be erased; never in an event.
    const database = new DatabaseSync(join(stateDir, 'audit', 'audit.db'), { readOnly: true });
    const events = database.prepare('SELECT body FROM audit_events').all();
    database.close();
    expect(events.length).toBeGreaterThan(0);
    expect(holds(JSON.stringify(events), LITERAL)).toBe(false);
  });

  it('a record of a run that failed stands in its blob, and nowhere else', async () => {
    const { ours, ...elsewhere } = await places(RECORD);
    expect(elsewhere).toEqual({ answers: [], logs: [], spans: [], temporal: [], mlflow: [] });
    expect([...new Set(ours)].sort()).toEqual(['blobs/inline/records']);
  });

  it('a record of a run that finished stands in blobs and in what MLflow shows of rows and words', async () => {
    const { ours, mlflow, ...elsewhere } = await places(KEPT);
    expect(elsewhere).toEqual({ answers: [], logs: [], spans: [], temporal: [] });
    expect([...new Set(ours)].sort()).toEqual([
      'blobs/inline/records',
      'blobs/runs/dataset',
      'blobs/runs/model',
    ]);
    expect([...new Set(mlflow)].sort()).toEqual([
      // The model’s vocabulary, an example of its input, and the words with the greatest weights.
      'artifacts/input_example.json',
      'artifacts/model.onnx',
      'artifacts/report/coefficients.csv',
      'artifacts/serving_input_example.json',
    ]);
  });

  it('what is searched for would be found', async () => {
    const { temporal, mlflow } = await places(`canary-${process.pid}`);
    expect(temporal).not.toEqual([]);
    expect(mlflow).not.toEqual([]);
    const codes = collector.spans.map(({ status }) => status.message);
    expect(codes).toEqual(expect.arrayContaining(['QUERY_FAILED', 'DATABASE_LOGIN_FAILED']));
  });
});

/** A path without what names the run. */
function kindOf(path: string): string {
  return path
    .replace(/^artifacts\/\d+\/(models\/)?[^/]+\/artifacts\//, 'artifacts/')
    .replace(/^blobs\/runs\/[^/]+\//, 'blobs/runs/')
    .replace(/\.[0-9a-f]{32}$/, '');
}
