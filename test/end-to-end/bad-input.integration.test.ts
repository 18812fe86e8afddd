import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;

beforeAll(async () => {
  service = await startTestService();
  const files: Record<string, string> = {
    'empty.csv': '',
    'header.csv': 'f1,f2,label\n',
    'ragged.csv': 'f1,f2,label\n1,2,0\n1,2,3,0\n3,4,1\n',
    'quote.csv': 'f1,f2,label\n1,"2,0\n3,4,1\n',
    'words.csv': 'f1,f2,label\n1,x,0\n2,3,1\n3,secret-cell,0\n4,5,1\n',
    'holes.csv': 'f1,f2,label\n1,,0\n2,3,1\n,4,0\n4,5,1\n',
    'one-class.csv': 'f1,label\n1,0\n2,0\n3,0\n',
    'lonely.csv': 'f1,label\n1,0\n2,0\n3,1\n4,0\n',
    'not.parquet': 'this is not a parquet file at all\n',
    'headless.csv': 'alice0@corp.example,4111-1111,0\nbob@corp.example,4222-2222,1\n',
    'emails.csv': 'f1,y\n1,alice0@corp.example\n2,bob@corp.example\n',
    'long-labels.csv': `f1,y\n${Array.from({ length: 40 }, (_, i) => `${i},${'L'.repeat(30_000)}${i % 20}`).join('\n')}\n`,
    'infinite.csv': 'f1,label\n1,0\n2,1\ninf,0\n3,1\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(service.data, name), text);
  await writeFile(join(service.data, '..', 'outside.csv'), 'f1,label\n1,0\n2,1\n3,0\n4,1\n');
  await symlink('../outside.csv', join(service.data, 'link.csv'));
  await promisify(execFile)('mkfifo', [join(service.data, 'pipe.csv')]);
  await mkdir(join(service.data, 'folder.csv'));
});
afterAll(() => service.stop());

const file = (path: string, rest: object = {}) => ({
  kind: 'file',
  path,
  target: 'label',
  ...rest,
});
const sql = (query: string, rest: object = {}) => {
  const { host, port, user, password, database } = inject('postgres');
  const conn = `postgresql://${user}:${password}@${host}:${port}/${database}`;
  return { kind: 'sql', conn, query, target: 'y', ...rest };
};
const inline = (...records: unknown[]) => ({ kind: 'inline', records });

async function run(source: unknown, rest: object = {}) {
  return service.invoke('mlflow.run_experiment', { experiment_name: 'bad-input', source, ...rest });
}

type Case = [name: string, source: () => unknown, status: number, code: string, words: RegExp];

describe('a bad source', () => {
  const cases: Case[] = [
    ['a missing file', () => file('trian.csv'), 404, 'FILE_NOT_FOUND', /no such file/],
    ['a path that climbs out', () => file('../outside.csv'), 403, 'PATH_NOT_ALLOWED', /./],
    ['an absolute path elsewhere', () => file('/etc/passwd'), 403, 'PATH_NOT_ALLOWED', /./],
    ['a symlink that leads out', () => file('link.csv'), 403, 'PATH_NOT_ALLOWED', /./],
    ['a pipe', () => file('pipe.csv'), 422, 'FILE_UNREADABLE', /./],
    ['a folder', () => file('folder.csv'), 422, 'FILE_UNREADABLE', /./],
    ['an address', () => file('https://example.org/a.csv'), 403, 'PATH_NOT_ALLOWED', /./],
    ['an empty file', () => file('empty.csv'), 422, 'FILE_UNREADABLE', /empty/],
    ['a header without rows', () => file('header.csv'), 422, 'NO_ROWS', /rows/],
    ['a ragged row', () => file('ragged.csv'), 422, 'FILE_UNREADABLE', /Line 3/],
    ['an open quote', () => file('quote.csv'), 422, 'FILE_UNREADABLE', /quote/],
    [
      'a file that is no Parquet file',
      () => file('not.parquet', { format: 'parquet' }),
      ...([422, 'FILE_UNREADABLE', /Parquet/] as const),
    ],
    [
      'a misspelt target',
      () => file('train.csv', { target: 'labell' }),
      ...([422, 'COLUMN_NOT_FOUND', /labell/] as const),
    ],
    [
      'an unknown feature',
      () => file('train.csv', { features: ['f1', 'f9'] }),
      ...([422, 'COLUMN_NOT_FOUND', /f9/] as const),
    ],
    ['words among numbers', () => file('words.csv'), 422, 'COLUMN_NOT_NUMERIC', /f2.*1.*3/],
    ['holes', () => file('holes.csv'), 422, 'MISSING_VALUES', /f1.*3.*f2.*1|f2.*1.*f1.*3/],
    ['an infinite value', () => file('infinite.csv'), 422, 'VALUE_OUT_OF_RANGE', /f1.*3/],
    ['one class only', () => file('one-class.csv'), 422, 'ONE_CLASS', /the same label/],
    ['a class with one row', () => file('lonely.csv'), 422, 'CLASS_TOO_SMALL', /1/],
    ['an UPDATE', () => sql('UPDATE training_table SET y = 1'), 403, 'QUERY_NOT_ALLOWED', /./],
    [
      'two statements',
      () => sql('SELECT * FROM training_table; DROP TABLE training_table'),
      ...([403, 'QUERY_NOT_ALLOWED', /one/i] as const),
    ],
    [
      'a DELETE in a WITH',
      () => sql('WITH d AS (DELETE FROM training_table RETURNING *) SELECT * FROM d'),
      ...([403, 'QUERY_NOT_ALLOWED', /./] as const),
    ],
    ['a missing table', () => sql('SELECT * FROM nowhere'), 422, 'QUERY_FAILED', /table/],
    ['nonsense', () => sql('SELEC * FORM x'), 422, 'QUERY_FAILED', /./],
    [
      'a wrong password',
      () => ({
        ...sql('SELECT 1'),
        conn: `postgresql://demo:wrong@127.0.0.1:${inject('postgres').port}/demo`,
      }),
      ...([403, 'DATABASE_LOGIN_FAILED', /./] as const),
    ],
    [
      'a database that does not answer',
      () => ({ ...sql('SELECT 1'), conn: 'postgresql://demo:demo@127.0.0.1:1/demo' }),
      ...([503, 'DATABASE_UNAVAILABLE', /./] as const),
    ],
    [
      'an unknown connection',
      () => ({ ...sql('SELECT 1'), conn: 'sales' }),
      ...([404, 'CONNECTION_NOT_FOUND', /sales/] as const),
    ],
    [
      'a connection string that names a file',
      () => ({
        ...sql('SELECT 1'),
        conn: 'postgresql://demo:demo@127.0.0.1/demo?sslcert=/etc/passwd',
      }),
      ...([403, 'CONNECTION_NOT_ALLOWED', /./] as const),
    ],
    [
      'inline labels of two types',
      () =>
        inline(
          ...['a b', 'c d', 'e f', 'g h'].map((text, i) => ({ text, label: i % 2 ? '1' : 1 })),
        ),
      ...([422, 'MIXED_LABELS', /./] as const),
    ],
    [
      'texts without words',
      () => inline(...['!', '?', '.', ','].map((text, i) => ({ text, label: i % 2 }))),
      ...([422, 'EMPTY_VOCABULARY', /word/] as const),
    ],
    [
      'too few inline records',
      () => inline({ text: 'one', label: 0 }, { text: 'two', label: 1 }),
      ...([422, 'CLASS_TOO_SMALL', /./] as const),
    ],
  ];
  it.each(cases)(
    '%s gets a code, a sentence and a hint',
    async (_name, source, status, code, words) => {
      const answer = await run(source());
      expect(answer.failure).toMatchObject({ code });
      expect(answer.status).toBe(status);
      expect(answer.result).toBeNull();
      expect(answer.error).toMatch(words);
      expect(answer.error).toMatch(/^[A-Z].*\.$/s);
      expect(answer.failure?.['hint']).toMatch(/\w.*[.?]$/s);
      expect(JSON.stringify(answer)).not.toMatch(/secret-cell| at .*\.ts|demo:demo/);
    },
  );

  it('names the near names when a name was misspelt', async () => {
    expect((await run(file('trian.csv'))).failure?.['hint']).toContain('train.csv');
    expect((await run(file('train.csv', { target: 'labell' }))).failure?.['hint']).toContain(
      'label',
    );
  });
});

describe('values of the data', () => {
  it('stay out of failures: of a file without header, of labels that are names of people', async () => {
    const answers = [
      await run(file('headless.csv')),
      await run(file('emails.csv', { target: 'y' })),
      await run(inline({ text: 'a b', label: 'carol@corp.example' }, { text: 'c d', label: 'x' })),
    ];
    expect(answers.map(({ failure }) => failure?.['code'])).toEqual([
      'COLUMN_NOT_FOUND',
      'CLASS_TOO_SMALL',
      'CLASS_TOO_SMALL',
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/corp\.example|4111/);
  });

  it('may be long: the history only holds their beginning', async () => {
    const answer = await run(file('long-labels.csv', { target: 'y' }));
    expect(answer.error).toBeNull();
    expect(answer.result).toMatchObject({ status: 'FINISHED' });
  });
});

describe('a bad request', () => {
  it('with more column names than a history can hold is refused at the door', async () => {
    const features = Array.from({ length: 1000 }, (_, i) => `${'f'.repeat(100)}${i}`);
    const answer = await run(file('train.csv', { features }));
    expect(answer).toMatchObject({ status: 400, failure: { code: 'INVALID_REQUEST' } });
    expect(answer.error).toMatch(/^source\.features may hold at most/);
  });

  it('with an experiment name that is no Unicode is refused at the door', async () => {
    const answer = await run(file('train.csv'), { experiment_name: '\ud800' });
    expect(answer).toMatchObject({ status: 400, failure: { code: 'INVALID_REQUEST' } });
  });

  it('names an MLflow that is not allowed', async () => {
    const answer = await run(file('train.csv'), { tracking_uri: 'http://169.254.169.254/' });
    expect(answer).toMatchObject({ status: 403, failure: { code: 'TRACKING_URI_NOT_ALLOWED' } });
  });

  it('asks for a run that is not there', async () => {
    for (const run_id of ['0123456789abcdef0123456789abcdef', 'experiment-nowhere']) {
      const answer = await service.invoke('mlflow.get_run', { run_id });
      expect(answer).toMatchObject({ status: 404, failure: { code: 'RUN_NOT_FOUND' } });
    }
  });

  it('over its own row limit ends with that code', async () => {
    const answer = await run(file('train.csv'), { limits: { max_rows: 100 } });
    expect(answer).toMatchObject({ status: 422, failure: { code: 'ROW_LIMIT', step: 'load' } });
  });

  it('with a key that belongs to another request is a conflict', async () => {
    const key = `key-${Date.now()}`;
    const first = await run(file('train.csv'), { idempotency_key: key });
    const same = await run(file('train.csv'), { idempotency_key: key });
    expect(same.result?.['run_id']).toBe(first.result?.['run_id']);
    const other = await run(file('train.csv', { features: ['f1'] }), { idempotency_key: key });
    expect(other).toMatchObject({ status: 409, failure: { code: 'IDEMPOTENCY_CONFLICT' } });
  });
});

describe('a run that failed after it was opened', () => {
  it('is FAILED in MLflow, with the reason, and in get_run', async () => {
    const { failure } = await run(file('holes.csv'));
    const { result } = await service.invoke('mlflow.get_run', { run_id: failure?.['run_id'] });
    expect(result).toMatchObject({
      status: 'FAILED',
      metrics: {},
      params: {},
      workflow: { status: 'FAILED' },
      failure: { code: 'MISSING_VALUES', step: 'load' },
      notes: [],
    });
  });
});
