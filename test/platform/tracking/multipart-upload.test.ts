import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { cut, fakeServer, json, mlflowError, text, type FakeServer } from './fake-mlflow.ts';

const CONTENT = 'abcdefghijklmnopqrstuvwxyz';
const MULTIPART = { fromBytes: 20, partBytes: 10 };
type Answer = Parameters<typeof fakeServer>[0];

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'));
  file = join(folder, 'model.onnx');
  await writeFile(file, CONTENT);
});
afterAll(() => rm(folder, { recursive: true }));

const stored: Answer = (response, { body }) =>
  response.writeHead(200, { etag: `"${body.slice(0, 3)}"` }).end();
const UNSUPPORTED = mlflowError(
  501,
  'NOT_IMPLEMENTED',
  'Multipart upload is not supported for the current artifact repository',
);

/** An artifact store, and an MLflow before it that signs addresses of `storeUrl`. */
async function servers(
  answers: { part?: Answer; parts?: Answer[]; storeUrl?: string } & Partial<
    Record<'create' | 'complete' | 'list', Answer>
  > = {},
) {
  const store = await fakeServer(...((answers.parts ?? [answers.part ?? stored]) as [Answer]));
  const storeUrl = answers.storeUrl ?? store.url;
  const mlflow = await fakeServer((response, request) => {
    const [, step] = /mpu\/(create|complete|abort)\//.exec(request.url) ?? [];
    if (step === 'create') {
      const { num_parts: count } = JSON.parse(request.body) as { num_parts: number };
      const credentials = Array.from({ length: count }, (_, i) => ({
        ...{ url: `${storeUrl}/art?part=${i + 1}&signature=s`, part_number: i + 1 },
        headers: { 'x-store': 'kept' },
      }));
      (answers.create ?? json({ upload_id: 'u', credentials }))(response, request);
    } else if (step === 'complete' && answers.complete) answers.complete(response, request);
    else if (request.method === 'GET') (answers.list ?? json({}))(response, request);
    else json({})(response, request);
  });
  const client = createMlflowClient({
    ...{ url: mlflow.url, backoffMs: 1, multipart: MULTIPART },
    credentials: { token: 'secret' },
  });
  const put = (path = 'model.onnx') =>
    client.putArtifact({
      artifactUri: 'mlflow-artifacts:/7/m-1/artifacts',
      path,
      content: { file },
    });
  return { store, mlflow, put };
}

const calls = ({ requests }: FakeServer) =>
  requests.map(({ method, url }) => `${method} ${url.replace('/api/2.0/mlflow-artifacts/', '')}`);

describe('a big file', () => {
  it('goes to the store in parts, without our credentials', async () => {
    const { store, mlflow, put } = await servers();
    await put('sub folder/ü.onnx');
    expect(calls(mlflow)).toEqual([
      'POST mpu/create/7/m-1/artifacts/sub%20folder',
      'POST mpu/complete/7/m-1/artifacts/sub%20folder',
    ]);
    expect(JSON.parse(mlflow.requests[0]!.body)).toEqual({ path: 'ü.onnx', num_parts: 3 });
    const parts = ['abc', 'klm', 'uvw'].map((start, i) => ({
      part_number: i + 1,
      etag: `"${start}"`,
      url: `${store.url}/art?part=${i + 1}&signature=s`,
    }));
    expect(JSON.parse(mlflow.requests[1]!.body)).toEqual({ path: 'ü.onnx', upload_id: 'u', parts });
    const sent = store.requests.toSorted((a, b) => (a.url < b.url ? -1 : 1));
    expect(sent.map(({ body }) => body).join('')).toBe(CONTENT);
    for (const { headers } of sent) {
      expect(headers['x-store']).toBe('kept');
      expect(headers.authorization).toBeUndefined();
    }
  });

  it('has its parts sent again when the store fails for a moment', async () => {
    const { store, mlflow, put } = await servers({ parts: [cut, text('', 503), stored] });
    await put();
    expect(store.requests).toHaveLength(5);
    expect(calls(mlflow).map((call) => call.split('/')[1])).toEqual(['create', 'complete']);
  });

  it('goes through MLflow when its store takes no parts; asked once', async () => {
    const { store, mlflow, put } = await servers({ create: UNSUPPORTED });
    await put();
    await put();
    expect(calls(mlflow)).toEqual([
      'POST mpu/create/7/m-1/artifacts',
      'PUT artifacts/7/m-1/artifacts/model.onnx',
      'PUT artifacts/7/m-1/artifacts/model.onnx',
    ]);
    expect(mlflow.requests[1]!.body).toBe(CONTENT);
    expect(store.requests).toHaveLength(0);
  });

  it('goes through MLflow when the server is too old for parts', async () => {
    const { mlflow, put } = await servers({ create: text('<html>', 404) });
    await put();
    expect(calls(mlflow)).toHaveLength(2);
  });

  it.each([
    ['cannot be reached', { part: cut }],
    ['refuses the signature', { part: text('<Error/>', 403) }],
  ])(
    'goes through MLflow when the store %s, after tidying up',
    async (_name, answers) => {
      const { mlflow, put } = await servers(answers);
      await put();
      await put();
      expect(calls(mlflow)).toEqual([
        'POST mpu/create/7/m-1/artifacts',
        'POST mpu/abort/7/m-1/artifacts',
        'PUT artifacts/7/m-1/artifacts/model.onnx',
        'PUT artifacts/7/m-1/artifacts/model.onnx',
      ]);
      expect(JSON.parse(mlflow.requests[1]!.body)).toEqual({ path: 'model.onnx', upload_id: 'u' });
    },
    20_000,
  );

  it('is there when the answer to the last request was lost, but the file has its size', async () => {
    const list = json({ files: [{ path: 'model.onnx', file_size: CONTENT.length }] });
    const { mlflow, put } = await servers({ complete: cut, list });
    await put();
    expect(calls(mlflow).at(-1)).toBe('GET artifacts?path=7%2Fm-1%2Fartifacts');
  });

  it('fails for now when it is not', async () => {
    const list = json({ files: [{ path: 'model.onnx', file_size: 1 }] });
    const { mlflow, put } = await servers({ complete: text('<html>', 500), list });
    await expect(put()).rejects.toMatchObject({ code: 'MLFLOW_UNAVAILABLE' });
    expect(calls(mlflow).at(-1)).toBe('POST mpu/abort/7/m-1/artifacts');
  });

  it('is not begun with when MLflow does not permit it', async () => {
    const { mlflow, put } = await servers({ create: text('Permission denied', 403) });
    await expect(put()).rejects.toMatchObject({ code: 'MLFLOW_DENIED' });
    expect(calls(mlflow)).toHaveLength(1);
  });
});

it('a small file and bytes go in one piece', async () => {
  const { url, requests } = await fakeServer(json({}));
  const client = createMlflowClient({ url, multipart: { fromBytes: CONTENT.length + 1 } });
  const artifactUri = 'mlflow-artifacts:/7';
  await client.putArtifact({ artifactUri, path: 'a', content: { file } });
  await client.putArtifact({ artifactUri, path: 'b', content: Buffer.from(CONTENT) });
  expect(requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
});
