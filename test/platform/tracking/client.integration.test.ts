import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient, TrackedRun } from '../../../platform/tracking/tracking-types.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
const unique = `${Date.now()}-${process.pid}`;
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  client = createMlflowClient({ url: mlflow.url });
  experimentId = await client.ensureExperiment(`client ${unique}`);
});

const newRun = (tags: Record<string, string> = {}): Promise<TrackedRun> =>
  client.createRun({ experimentId, runName: 'a run', startTime: 1_700_000_000_000, tags });

const rest = async (path: string, body: object): Promise<void> => {
  const response = await fetch(`${mlflow.url}/api/2.0/mlflow/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
};

describe('a server', () => {
  it('is healthy and tells its version', async () => {
    await client.health();
    expect(await client.version()).toMatch(/^3\./);
  });

  it('refuses a host name that it was not told', async () => {
    // fetch does not let a Host header through, so an address stands for it.
    const port = new URL(mlflow.url).port;
    const strange = createMlflowClient({
      url: mlflow.url,
      fetch: (input, init) => hostFetch(input as string, init, `evil.example:${port}`),
    });
    await expect(strange.health()).rejects.toMatchObject({
      code: 'MLFLOW_DENIED',
      hint: expect.stringContaining('--allowed-hosts') as string,
    });
  });
});

/** A GET with a Host header of its own. */
async function hostFetch(url: string, init: RequestInit | undefined, host: string) {
  const { request } = await import('node:http');
  return new Promise<Response>((done, failed) => {
    request(url, { method: init?.method ?? 'GET', headers: { host } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        done(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0 })),
      );
    })
      .on('error', failed)
      .end();
  });
}

describe('experiments', () => {
  it('are one however many ask at once, from several processes', async () => {
    const name = `race/ü "${unique}"`;
    const ids = await Promise.all(
      Array.from({ length: 12 }, () =>
        createMlflowClient({ url: mlflow.url }).ensureExperiment(name),
      ),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('that were deleted are refused', async () => {
    const name = `deleted ${unique}`;
    const id = await client.ensureExperiment(name);
    await rest('experiments/delete', { experiment_id: id });
    const run = { experimentId: id, runName: 'r', startTime: 1, tags: {} };
    const refusal = {
      code: 'MLFLOW_REFUSED',
      message: 'The experiment was deleted in MLflow.',
    };
    await expect(client.createRun(run)).rejects.toMatchObject(refusal);
    await expect(client.ensureExperiment(name)).rejects.toMatchObject(refusal);
    await rest('experiments/restore', { experiment_id: id });
    expect(await client.ensureExperiment(name)).toBe(id);
  });
});

describe('runs', () => {
  it('live from RUNNING to FINISHED and back', async () => {
    const run = await client.createRun({
      experimentId,
      runName: 'r'.repeat(300),
      startTime: 1_700_000_000_000,
      tags: { caller: 'eva', 'mlflow.note.content': '# Ü 😀' },
      userId: 'eva',
    });
    expect(run).toMatchObject({
      experimentId,
      status: 'RUNNING',
      deleted: false,
      startTime: 1_700_000_000_000,
      endTime: null,
      artifactUri: `mlflow-artifacts:/${experimentId}/${run.runId}/artifacts`,
    });
    expect(run.runName).toHaveLength(250);
    await client.updateRun({ runId: run.runId, status: 'FINISHED', endTime: 1_700_000_001_000 });
    const finished = await client.getRun(run.runId);
    expect(finished).toMatchObject({ status: 'FINISHED', endTime: 1_700_000_001_000 });
    expect(finished.tags).toMatchObject({
      caller: 'eva',
      'mlflow.user': 'eva',
      'mlflow.note.content': '# Ü 😀',
    });
    await client.updateRun({ runId: run.runId, status: 'RUNNING' });
    expect((await client.getRun(run.runId)).status).toBe('RUNNING');
  });

  it('that do not exist are RUN_NOT_FOUND for every call', async () => {
    const missing = 'f'.repeat(32);
    const data = { metrics: [{ key: 'm', value: 1, timestamp: 1 }] };
    const dataset = { name: 'd', digest: 'd', sourceType: 'local', source: {}, context: 'train' };
    const outcomes = await Promise.allSettled([
      client.getRun(missing),
      client.getRun('../etc'),
      client.updateRun({ runId: missing, status: 'FAILED' }),
      client.deleteRun(missing),
      client.logBatch(missing, data),
      client.setTags(missing, { a: 'b' }),
      client.logInputs(missing, [dataset]),
      client.listArtifacts(missing),
    ]);
    expect(outcomes).toHaveLength(8);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RUN_NOT_FOUND' } });
    }
  });

  it('that were deleted can be read, but not written to', async () => {
    const { runId } = await newRun();
    await client.deleteRun(runId);
    await client.deleteRun(runId);
    expect((await client.getRun(runId)).deleted).toBe(true);
    await expect(client.updateRun({ runId, status: 'FINISHED' })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      message: 'The run was deleted in MLflow.',
    });
  });

  it('are found by their tag, in pages', async () => {
    const value = `it's ${unique}`;
    const made = [];
    for (let i = 0; i < 3; i += 1) made.push((await newRun({ marker: value })).runId);
    await newRun({ marker: 'another' });
    const search = {
      experimentIds: [experimentId],
      where: [{ tag: 'marker', is: '=', value } as const],
      maxResults: 2,
    };
    const first = await client.searchRuns(search);
    expect(first.runs).toHaveLength(2);
    const second = await client.searchRuns({ ...search, pageToken: first.nextPageToken });
    expect(second.nextPageToken).toBeUndefined();
    const found = [...first.runs, ...second.runs].map(({ runId }) => runId);
    expect(found.toSorted()).toEqual(made.toSorted());
  });

  it('of no experiment are none', async () => {
    const { runs } = await client.searchRuns({ experimentIds: ['424242'], maxResults: 10 });
    expect(runs).toEqual([]);
  });
});

describe('what is logged', () => {
  it('comes back, and a second time changes nothing', async () => {
    const { runId } = await newRun();
    const data = {
      metrics: [
        { key: 'accuracy', value: 0.9246212121212121, timestamp: 7, step: 0 },
        { key: 'tiny', value: 5e-324, timestamp: 7, step: 0 },
        { key: 'nothing', value: NaN, timestamp: 7, step: 0 },
        { key: 'much', value: Infinity, timestamp: 7, step: 0 },
      ],
      params: { model: 'logreg_tabular', empty: '', features: '["a", "ü"]' },
      tags: { t: '1' },
    };
    await client.logBatch(runId, data);
    await client.logBatch(runId, data);
    const run = await client.getRun(runId);
    expect(run.metrics).toEqual({
      accuracy: 0.9246212121212121,
      tiny: 5e-324,
      nothing: NaN,
      // MLflow has no infinity.
      much: Number.MAX_VALUE,
    });
    expect(run.params).toEqual(data.params);
    expect(run.tags['t']).toBe('1');
    const history = await fetch(
      `${mlflow.url}/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=nothing`,
    ).then((response) => response.json() as Promise<{ metrics: unknown[] }>);
    expect(history.metrics).toHaveLength(1);
  });

  it('may be more than MLflow takes in one request', async () => {
    const { runId } = await newRun();
    const params = Object.fromEntries(
      Array.from({ length: 130 }, (_, i) => [`p${i}`, '語'.repeat(i < 100 ? 6001 : 1)]),
    );
    const tags = Object.fromEntries(
      Array.from({ length: 101 }, (_, i) => [`t${i}`, 'x'.repeat(9000)]),
    );
    const metrics = Array.from({ length: 1500 }, (_, i) => ({
      key: `m${i}`,
      value: i,
      timestamp: 1,
    }));
    await client.logBatch(runId, { params, tags, metrics });
    const run = await client.getRun(runId);
    expect(Object.keys(run.params)).toHaveLength(130);
    expect(run.params['p0']).toMatch(/^語+… \[cut, 6001 characters\]$/u);
    expect(run.params['p0']).toHaveLength(6000);
    expect(run.tags['t100']).toHaveLength(8000);
    expect(Object.keys(run.metrics)).toHaveLength(1500);
  });

  it('is refused with a hint when a param would change, or a name is not allowed', async () => {
    const { runId } = await newRun();
    await client.logBatch(runId, { params: { C: '1' } });
    await expect(client.logBatch(runId, { params: { C: '2' } })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      hint: expect.stringContaining('new run') as string,
    });
    const metrics = [{ key: 'f1_50%', value: 1, timestamp: 1 }];
    await expect(client.logBatch(runId, { metrics })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      hint: expect.stringContaining('names and values') as string,
    });
  });
});

describe('artifacts', () => {
  it('are written, replaced, listed and read', async () => {
    const { runId, artifactUri } = await newRun();
    const files: Record<string, string> = {
      'model/MLmodel': 'flavors: {}\n',
      'model/a b+c/ü&.json': '{}',
      'preview/preview.csv': 'y_true,y_pred\n1,1\n',
      'empty.txt': '',
    };
    await Promise.all(
      Object.entries(files).map(([path, text]) =>
        client.putArtifact({ artifactUri, path, content: Buffer.from(text) }),
      ),
    );
    const replaced = Buffer.from('y_true,y_pred\n0,1\n');
    await client.putArtifact({ artifactUri, path: 'preview/preview.csv', content: replaced });
    expect(await client.listArtifacts(runId)).toEqual([
      { path: 'empty.txt', isFolder: false, bytes: 0 },
      { path: 'model', isFolder: true, bytes: null },
      { path: 'preview', isFolder: true, bytes: null },
    ]);
    expect(await client.listArtifacts(runId, { path: 'preview' })).toEqual([
      { path: 'preview/preview.csv', isFolder: false, bytes: 18 },
    ]);
    const read = (path: string) => client.getArtifact({ artifactUri, path });
    expect(await read('preview/preview.csv')).toEqual(replaced);
    expect((await read('model/a b+c/ü&.json')).toString()).toBe('{}');
    expect((await read('empty.txt')).toString()).toBe('');
  });

  it('are read as streams from files, and no further than allowed', async () => {
    const { artifactUri } = await newRun();
    const folder = await mkdtemp(join(tmpdir(), 'artifact-'));
    const file = join(folder, 'model.onnx');
    const bytes = Buffer.alloc(3_000_000, 'model');
    await writeFile(file, bytes);
    try {
      await client.putArtifact({ artifactUri, path: 'model/model.onnx', content: { file } });
    } finally {
      await rm(folder, { recursive: true });
    }
    const artifact = { artifactUri, path: 'model/model.onnx' };
    expect((await client.getArtifact(artifact)).equals(bytes)).toBe(true);
    await expect(client.getArtifact(artifact, { maxBytes: 2_999_999 })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      message: expect.stringContaining('larger') as string,
    });
  });

  it('that are not there are refused', async () => {
    const { runId, artifactUri } = await newRun();
    await expect(client.getArtifact({ artifactUri, path: 'no.txt' })).rejects.toMatchObject({
      code: 'MLFLOW_REFUSED',
      message: 'The run has no artifact of this name.',
    });
    expect(await client.listArtifacts(runId)).toEqual([]);
    expect(await client.listArtifacts(runId, { path: 'no' })).toEqual([]);
  });
});
