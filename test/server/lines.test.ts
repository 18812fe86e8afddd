import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { serveLines } from '../../server/lines.ts';
import { createDoors, fileRequest } from './fake-experiments.ts';

const NOW = 1_800_000_000_000;

async function exchange(...lines: string[]) {
  const output = new PassThrough();
  const { options } = createDoors();
  const served = serveLines({
    ...options,
    input: Readable.from(lines.map((line) => `${line}\n`)),
    output,
    now: () => NOW,
  });
  await served;
  output.end();
  return (await text(output))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const line = (fields: object): string =>
  JSON.stringify({ id: 'a', params: {}, ts_ms: NOW, ...fields });

describe('the line protocol', () => {
  it('answers a request with its id', async () => {
    const [answer] = await exchange(line({ method: 'mlflow.run_experiment', params: fileRequest }));
    expect(answer).toMatchObject({ id: 'a', ok: true, result: { run_id: 'r1' } });
  });

  it('answers the method schema with the tools', async () => {
    const [answer] = await exchange(line({ method: 'schema' }));
    expect(answer).toMatchObject({ ok: true, result: { tools: { 'mlflow.get_run': {} } } });
  });

  it('refuses a request older than 60 seconds, and one without a time', async () => {
    const answers = await exchange(
      line({ id: 1, method: 'schema', ts_ms: NOW - 60_001 }),
      JSON.stringify({ id: 2, method: 'schema' }),
      line({ id: 3, method: 'schema', ts_ms: NOW - 59_000 }),
    );
    expect(answers.map(({ id, ok, error }) => [id, ok, error])).toEqual([
      [1, false, 'REQUEST_TOO_OLD'],
      [2, false, 'REQUEST_TOO_OLD'],
      [3, true, undefined],
    ]);
  });

  it('answers nonsense and unknown methods, and goes on', async () => {
    const answers = await exchange(
      'nonsense',
      '',
      line({ id: 1, method: 'fly' }),
      line({ id: 2, method: 'schema' }),
    );
    // Each is answered as soon as it can be.
    const byId = new Map(answers.map(({ id, ok, error }) => [id, [ok, error]]));
    expect(byId.get(null)).toEqual([false, 'INVALID_REQUEST']);
    expect(byId.get(1)).toEqual([false, 'UNKNOWN_TOOL']);
    expect(byId.get(2)).toEqual([true, undefined]);
  });

  it('gives errors a sentence', async () => {
    const [answer] = await exchange(line({ method: 'mlflow.get_run', params: { run_id: 'x' } }));
    expect(answer).toMatchObject({
      ok: false,
      error: 'RUN_NOT_FOUND',
      message: 'There is no run of that id.',
    });
  });
});
