import { describe, expect, it } from 'vitest';

import { createApp } from '../../server/app.ts';
import { createDoors, failedRun, fileRequest } from './fake-experiments.ts';

type Json = Record<string, unknown>;

const LOCAL = { headers: { host: 'localhost:8000' } };

async function invoke(doors: ReturnType<typeof createDoors>, body: unknown) {
  const response = await doors.app.request('/invoke', {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'localhost' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Json & { failure?: Json } };
}

describe('POST /invoke', () => {
  it('answers with the document’s fields', async () => {
    const doors = createDoors();
    const { status, json } = await invoke(doors, {
      tool: 'mlflow.run_experiment',
      params: fileRequest,
    });
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(['request_id', 'tool', 'duration_ms', 'result', 'error']);
    expect(json).toMatchObject({ tool: 'mlflow.run_experiment', error: null });
    expect(json['result']).toMatchObject({
      run_id: 'r1',
      experiment_id: '7',
      metrics: { accuracy: 0.925 },
    });
  });

  it('fills in the document’s defaults and waits up to three minutes', async () => {
    const doors = createDoors();
    await invoke(doors, { tool: 'mlflow_run_experiment', params: fileRequest });
    expect(doors.started[0]).toMatchObject({
      model: 'logreg_tabular',
      source: { format: 'csv' },
      params: { C: 1, max_iter: 1000, tol: 1e-4, test_size: 0.2, seed: 42 },
    });
    expect(doors.waits).toEqual([180]);
  });

  it.each([
    ['not JSON', 'nonsense{', 400, 'INVALID_REQUEST', /JSON/],
    ['an unknown tool', { tool: 'mlflow.fly', params: {} }, 404, 'UNKNOWN_TOOL', /tool/],
    ['no tool', { params: {} }, 400, 'INVALID_REQUEST', /^tool is missing/],
    ['a body too large', 'x'.repeat(100_001), 413, 'REQUEST_TOO_LARGE', /100000 bytes/],
  ])('refuses %s', async (_name, body, status, code, sentence) => {
    const answer = await invoke(createDoors(), body);
    expect(answer.status).toBe(status);
    expect(answer.json['error']).toMatch(sentence);
    expect(answer.json.failure).toMatchObject({ code });
    expect(answer.json.failure?.['hint']).toMatch(/\w/);
  });

  it.each([
    ['an unknown model', { model: 'forest' }, /^model must be one of logreg_tabular, logreg_text/],
    [
      'an unknown kind',
      { source: { kind: 'ftp' } },
      /^source\.kind must be one of file, sql, inline/,
    ],
    [
      'an unknown format',
      { source: { ...fileRequest.source, format: 'xml' } },
      /^source\.format must be one of csv, parquet/,
    ],
    ['no target', { source: { kind: 'file', path: 'a.csv' } }, /^source\.target is missing/],
    [
      'no records',
      { source: { kind: 'inline', records: [] } },
      /^source\.records needs at least 1/,
    ],
    [
      'a record without label',
      { source: { kind: 'inline', records: [{ text: 'a' }] } },
      /^source\.records\[0\]\.label is missing/,
    ],
    ['an unknown field', { colour: 'red' }, /has no field colour/],
  ])('refuses %s by name', async (_name, change, sentence) => {
    const doors = createDoors();
    const answer = await invoke(doors, {
      tool: 'mlflow.run_experiment',
      params: { ...fileRequest, ...change },
    });
    expect(answer.status).toBe(400);
    expect(answer.json['error']).toMatch(sentence);
    expect(doors.started).toEqual([]);
  });

  it('tells of a failed run with its code’s status, step and ids', async () => {
    const doors = createDoors({ wait: () => Promise.reject(failedRun) });
    const { status, json } = await invoke(doors, {
      tool: 'mlflow.run_experiment',
      params: fileRequest,
    });
    expect(status).toBe(422);
    expect(json).toMatchObject({
      result: null,
      error: 'The target has one class.',
      failure: { code: 'ONE_CLASS', step: 'load', run_id: 'r2', workflow_id: 'experiment-2' },
    });
  });

  it('shows nothing of an error that it does not know', async () => {
    const doors = createDoors({ start: () => Promise.reject(new Error('password=hunter2')) });
    const { status, json } = await invoke(doors, {
      tool: 'mlflow.run_experiment',
      params: fileRequest,
    });
    expect(status).toBe(500);
    expect(JSON.stringify(json)).not.toContain('hunter2');
  });
});

describe('the other routes', () => {
  it('GET /tools lists the dotted names with their schemas', async () => {
    const response = await createDoors().app.request('/tools', LOCAL);
    const { tools } = (await response.json()) as { tools: Record<string, Json> };
    expect(Object.keys(tools)).toEqual([
      ...['mlflow.run_experiment', 'mlflow.validate_source', 'mlflow.get_run', 'mlflow.list_runs'],
      ...['mlflow.compare_runs', 'mlflow.retry_run', 'mlflow.cancel_run', 'mlflow.get_audit'],
    ]);
    expect(tools['mlflow.run_experiment']).toMatchObject({
      params: { type: 'object', required: ['experiment_name', 'source'] },
      returns: { type: 'object' },
    });
  });

  it('GET /health answers healthy when every neighbour answers', async () => {
    const response = await createDoors().app.request('/health', LOCAL);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'healthy', server: 'mcp-mlflow' });
  });

  it('GET /health answers 503 and names who does not answer', async () => {
    const { options } = createDoors();
    const check = () => Promise.reject(new Error('refused'));
    const app = createApp({
      ...options,
      neighbours: [...options.neighbours, { name: 'mlflow', check }],
    });
    const response = await app.request('/health', LOCAL);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'unhealthy',
      checks: { temporal: 'ok', mlflow: 'no answer' },
    });
  });

  it.each(['evil.example', '169.254.169.254', 'localhost.evil.example'])(
    'refuses the host name %s, against DNS rebinding',
    async (host) => {
      const { app } = createDoors();
      const response = await app.request('http://localhost/tools', { headers: { host } });
      expect(response.status).toBe(403);
    },
  );

  it('refuses a page of another origin, and takes the allowed host', async () => {
    const { app } = createDoors();
    const foreign = { headers: { host: 'localhost', origin: 'https://evil.example' } };
    expect((await app.request('/tools', foreign)).status).toBe(403);
    const own = { headers: { host: 'experiments.example:8000' } };
    expect((await app.request('/tools', own)).status).toBe(200);
  });

  it('GET /openapi.json describes the routes', async () => {
    const document = (await (
      await createDoors().app.request('/openapi.json', LOCAL)
    ).json()) as Json;
    expect(Object.keys(document['paths'] as Json)).toEqual(['/invoke', '/tools', '/health']);
  });
});
