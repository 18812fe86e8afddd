import { inspect } from 'node:util';

import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { mayHaveTakenEffect, mlflowErrorCode } from '../../../platform/tracking/mlflow-fault.ts';
import { createMlflowHttp } from '../../../platform/tracking/mlflow-http.ts';
import type { MlflowCall, MlflowHttpOptions } from '../../../platform/tracking/mlflow-http.ts';
import { Failure } from '../../../schemas/failure.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import { cut, fakeServer, hang, json, mlflowError, overload, text } from './fake-mlflow.ts';

const READ: MlflowCall = { method: 'GET', path: '/thing', repeatable: true };
const CREATE: MlflowCall = { method: 'POST', path: '/thing', json: { a: 1 }, repeatable: false };
const shape = z.object({ ok: z.boolean() });
const ok = json({ ok: true });

const http = (url: string, options: Partial<MlflowHttpOptions> = {}) =>
  createMlflowHttp({ url, backoffMs: 1, ...options });

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}

describe('what is sent', () => {
  it('carries basic credentials and the workspace', async () => {
    const server = await fakeServer(ok);
    const credentials = { username: 'eva', password: 'pä:ss' };
    await http(server.url, { credentials, workspace: 'team-a' }).json(READ, shape);
    const { authorization, ...headers } = server.requests[0]!.headers;
    expect(authorization).toBe(`Basic ${Buffer.from('eva:pä:ss').toString('base64')}`);
    expect(headers['x-mlflow-workspace']).toBe('team-a');
  });

  it('carries a bearer token', async () => {
    const server = await fakeServer(ok);
    await http(server.url, { credentials: { token: 't0ken' } }).json(READ, shape);
    expect(server.requests[0]!.headers.authorization).toBe('Bearer t0ken');
  });

  it('takes credentials out of the address', async () => {
    const server = await fakeServer(ok);
    const client = http(`http://eva:p%40ss@127.0.0.1:${server.port}/mlflow/`);
    await client.json(READ, shape);
    expect(client.url).toBe(`${server.url}/mlflow`);
    expect(server.requests[0]).toMatchObject({
      url: '/mlflow/thing',
      headers: { authorization: `Basic ${Buffer.from('eva:p@ss').toString('base64')}` },
    });
  });

  it('refuses a token that no header can carry, without repeating it', () => {
    const make = () => http('http://mlflow', { credentials: { token: 'tök\nen' } });
    expect(make).toThrow(/^MLflow’s token holds characters/);
  });

  it('sends no credentials when there are none', async () => {
    const server = await fakeServer(ok);
    await http(server.url).json(CREATE, shape);
    expect(server.requests[0]!.headers.authorization).toBeUndefined();
    expect(server.requests[0]).toMatchObject({ method: 'POST', body: '{"a":1}' });
  });

  it('reuses its connections', async () => {
    const server = await fakeServer(ok);
    const client = http(server.url);
    for (let i = 0; i < 30; i += 1) await client.json(CREATE, shape);
    expect(server.requests).toHaveLength(30);
    // Node may open a second one before it knows that the first is free.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('keeps to its concurrency', async () => {
    let open = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    const slow: typeof fetch = () => {
      open += 1;
      most = Math.max(most, open);
      const { promise, resolve } = Promise.withResolvers<Response>();
      answers.push(() => {
        open -= 1;
        resolve(Response.json({ ok: true }));
      });
      return promise;
    };
    const client = http('http://mlflow', { concurrency: 3, fetch: slow });
    const all = Promise.all(Array.from({ length: 10 }, () => client.json(READ, shape)));
    for (let answered = 0; answered < 10;) {
      await new Promise(setImmediate);
      for (const answer of answers.splice(0)) {
        answer();
        answered += 1;
      }
    }
    await all;
    expect(most).toBe(3);
  });
});

describe('what is tried again', () => {
  it.each([
    ['a cut connection', cut],
    ['an error of the server', text('oops', 500)],
    ['a gateway without a server', text('<html>', 502)],
    ['an empty connection pool', overload],
    ['a write that met another', mlflowError(400, 'BAD_REQUEST', '(sqlite3.IntegrityError) …')],
    [
      'the same in PostgreSQL',
      mlflowError(
        400,
        'BAD_REQUEST',
        '(psycopg.errors.UniqueViolation) … https://sqlalche.me/e/21/gkpj)',
      ),
    ],
    [
      'statements that a pool before PostgreSQL mixed up',
      mlflowError(
        400,
        'BAD_REQUEST',
        '(psycopg.errors.DuplicatePreparedStatement) … https://sqlalche.me/e/21/f405)',
      ),
    ],
    [
      'a broken transaction of its database',
      mlflowError(400, 'BAD_REQUEST', '(psycopg.InterfaceError) … https://sqlalche.me/e/21/rvf5)'),
    ],
    ['too many requests', text('', 429)],
  ])('a repeatable request after %s', async (_name, fault) => {
    const server = await fakeServer(fault, fault, ok);
    expect(await http(server.url).json(READ, shape)).toEqual({ ok: true });
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    [
      'a value that is too long',
      '(psycopg.errors.StringDataRightTruncation) … (… https://sqlalche.me/e/21/9h9h)',
    ],
    [
      'a table that is missing',
      '(psycopg.errors.UndefinedTable) … (… https://sqlalche.me/e/21/f405)',
    ],
    [
      'an address in the caller’s own words',
      '(psycopg.errors.DataError) … "https://sqlalche.me/e/21/gkpj)" … (… https://sqlalche.me/e/21/9h9h)',
    ],
    [
      'a database that is read-only',
      '(psycopg.errors.ReadOnlySqlTransaction) cannot execute INSERT in a read-only transaction … (… https://sqlalche.me/e/21/2j85)',
    ],
  ])('nothing after %s', async (_name, words) => {
    const server = await fakeServer(mlflowError(400, 'BAD_REQUEST', words), ok);
    const failure = await failureOf(http(server.url).json(READ, shape));
    expect(failure.code).toBe('MLFLOW_REFUSED');
    expect(failure.cause).toMatchObject({
      code: expect.stringMatching(/^400 BAD_REQUEST psycopg\.errors\.\w+$/) as string,
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['a cut connection', cut],
    ['an error of the server', text('oops', 500)],
    ['an empty connection pool', overload],
  ])('not a creating request after %s', async (_name, fault) => {
    const server = await fakeServer(fault, ok);
    const failure = await failureOf(http(server.url).json(CREATE, shape));
    expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
    expect(mayHaveTakenEffect(failure)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('even a creating request when MLflow has not begun with it', async () => {
    const server = await fakeServer(text('', 429, { 'retry-after': '0' }), ok);
    expect(await http(server.url).json(CREATE, shape)).toEqual({ ok: true });
    const calls: string[] = [];
    const refused: typeof fetch = (input) => {
      calls.push(input instanceof Request ? input.url : String(input));
      const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    const failure = await failureOf(http('http://mlflow', { fetch: refused }).json(CREATE, shape));
    expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
    expect(mayHaveTakenEffect(failure)).toBe(false);
    expect(calls).toHaveLength(5);
  });

  it('not at once when MLflow asks for a long pause', async () => {
    const server = await fakeServer(text('', 429, { 'retry-after': '3600' }), ok);
    const failure = await failureOf(http(server.url).json(READ, shape));
    expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
    expect(server.requests).toHaveLength(1);
  });

  it('no more than maxAttempts times', async () => {
    const server = await fakeServer(cut);
    await failureOf(http(server.url, { maxAttempts: 5 }).json(READ, shape));
    expect(server.requests).toHaveLength(5);
  });

  it('nothing that MLflow refuses', async () => {
    const server = await fakeServer(mlflowError(400, 'INVALID_PARAMETER_VALUE', 'bad'), ok);
    const failure = await failureOf(http(server.url).json(READ, shape));
    expect(failure.code).toBe('MLFLOW_REFUSED');
    expect(mayHaveTakenEffect(failure)).toBe(false);
    expect(mlflowErrorCode(failure)).toBe('INVALID_PARAMETER_VALUE');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a port', () => {
  it('that nobody listens on is an outage that left nothing behind', async () => {
    const server = await fakeServer(ok);
    const proxy = await startFaultProxy({ target: server.url, mode: 'refuse' });
    for (const url of [proxy.url, proxy.url.replace('127.0.0.1', 'localhost')]) {
      const failure = await failureOf(http(url).json(CREATE, shape));
      expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
      expect(mayHaveTakenEffect(failure)).toBe(false);
    }
    await proxy.setMode('ok');
    expect(await http(proxy.url).json(CREATE, shape)).toEqual({ ok: true });
    expect(server.requests).toHaveLength(1);
    await proxy.close();
  });

  it('that fetch blocks is said to be one', async () => {
    const failure = await failureOf(http('http://127.0.0.1:6000').json(CREATE, shape));
    expect(failure.code).toBe('MLFLOW_REFUSED');
    expect(failure.message).toContain('port');
  });
});

describe('patience', () => {
  it.each([
    ['and for a second one, of what may be repeated', READ, 2],
    ['of what may not', CREATE, 1],
  ])('ends after the time for one attempt, %s', async (_, call, requests) => {
    const server = await fakeServer(hang);
    // Counted where they are sent: a busy machine may bring one to the server when its time is over.
    const sent = vi.fn(fetch);
    const client = http(server.url, { timeoutMs: 30, fetch: sent });
    const failure = await failureOf(client.json(call, shape));
    expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
    expect(mayHaveTakenEffect(failure)).toBe(true);
    expect(sent).toHaveBeenCalledTimes(requests);
  });

  it('ends when the answer stops in the middle', async () => {
    const server = await fakeServer((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"ok":');
    });
    const failure = await failureOf(http(server.url, { timeoutMs: 30 }).json(READ, shape));
    expect(failure.code).toBe('MLFLOW_UNAVAILABLE');
  });

  it('ends with the caller’s own reason, on the way and in the queue', async () => {
    const reached = Promise.withResolvers<void>();
    const server = await fakeServer(() => reached.resolve());
    const client = http(server.url, { concurrency: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const outcomes = Promise.allSettled([
      client.json({ ...READ, signal: first.signal }, shape),
      client.json({ ...READ, signal: second.signal }, shape),
    ]);
    await reached.promise;
    const [reasonOne, reasonTwo] = [new Error('first cancelled'), new Error('second cancelled')];
    second.abort(reasonTwo);
    first.abort(reasonOne);
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: reasonOne },
      { status: 'rejected', reason: reasonTwo },
    ]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('strange answers', () => {
  it('does not follow a redirect to another host', async () => {
    const other = await fakeServer(ok);
    const server = await fakeServer(text('', 307, { location: `${other.url}/steal` }));
    const credentials = { token: 'secret' };
    const failure = await failureOf(http(server.url, { credentials }).json(CREATE, shape));
    expect(failure.code).toBe('MLFLOW_REFUSED');
    expect(failure.hint).toContain('MLFLOW_TRACKING_URI');
    expect(other.requests).toHaveLength(0);
  });

  it('does not read an endless answer', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await fakeServer((response) => {
      response.on('close', closed.resolve).writeHead(200);
      const more = () => response.write(Buffer.alloc(65_536, 32), () => setImmediate(more));
      more();
    });
    const client = http(server.url, { maxAnswerBytes: 1_000_000 });
    expect((await failureOf(client.json(READ, shape))).code).toBe('MLFLOW_REFUSED');
    await closed.promise;
  });

  it('does not read an endless error', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await fakeServer((response) => {
      response.on('close', closed.resolve).writeHead(418);
      const more = () => response.write(Buffer.alloc(65_536, 32), () => setImmediate(more));
      more();
    });
    expect((await failureOf(http(server.url).json(READ, shape))).code).toBe('MLFLOW_REFUSED');
    await closed.promise;
  });

  it.each([
    ['a page', text('<html>login</html>')],
    ['another program’s JSON', json({ hello: 'world' })],
    ['nothing', text('')],
  ])('tells %s from MLflow', async (_name, answer) => {
    const server = await fakeServer(answer);
    const failure = await failureOf(http(server.url).json(CREATE, shape));
    expect(failure.code).toBe('MLFLOW_REFUSED');
    expect(mayHaveTakenEffect(failure)).toBe(true);
  });
});

describe('what a failure says', () => {
  it('has none of MLflow’s text but in its cause, and no credentials anywhere', async () => {
    const server = await fakeServer(mlflowError(400, 'BAD_REQUEST', 'INSERT INTO runs (row 17)'));
    const credentials = { username: 'eva', password: 'pa55word' };
    const failure = await failureOf(http(server.url, { credentials }).json(READ, shape));
    expect(failure.message + failure.hint).not.toMatch(/INSERT|17/);
    expect(String(failure.cause)).toContain('INSERT INTO runs');
    expect(inspect(failure, { depth: 9 })).not.toMatch(/pa55word|ZXZhOnBhNTV3b3Jk/);
  });

  it('is the call’s own when the thing is missing', async () => {
    const missing = { code: 'RUN_NOT_FOUND', message: 'No run.', hint: 'Look.' } as const;
    const server = await fakeServer(mlflowError(404, 'RESOURCE_DOES_NOT_EXIST', 'Run x'));
    const failure = await failureOf(http(server.url).json({ ...READ, missing }, shape));
    expect(failure).toMatchObject(missing);
    const elsewhere = await fakeServer(text('not found', 404));
    const other = await failureOf(http(elsewhere.url).json({ ...READ, missing }, shape));
    expect(other.code).toBe('MLFLOW_REFUSED');
  });
});
