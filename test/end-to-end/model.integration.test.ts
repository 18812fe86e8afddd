import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

const LOAD_MODEL = fileURLToPath(new URL('load_model.py', import.meta.url));

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

async function train(source: unknown, rest: object = {}): Promise<string> {
  const answer = await service.invoke('mlflow.run_experiment', {
    experiment_name: 'models',
    source,
    ...rest,
  });
  expect(answer.error).toBeNull();
  return String(answer.result?.['run_id']);
}

async function predict(runId: string, columns: object): Promise<{ label: unknown[] }> {
  const child = promisify(execFile)(inject('python'), [LOAD_MODEL, inject('mlflow'), runId]);
  child.child.stdin?.end(JSON.stringify(columns));
  return JSON.parse((await child).stdout) as { label: unknown[] };
}

describe('a logged model, loaded by mlflow.pyfunc', () => {
  it('takes the types of the file it was trained on: whole numbers, booleans, fractions', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const label = i % 2 === 0 ? 'low' : 'high, “very”';
      return `${i % 2 === 0 ? i % 7 : 100 + i},${i % 3 === 0 ? 'True' : 'False'},${i / 8},"${label}"`;
    });
    await writeFile(join(service.data, 'types.csv'), `n,flag,x,y\n${rows.join('\n')}\n`);
    const runId = await train({ kind: 'file', path: 'types.csv', target: 'y' });
    const predicted = await predict(runId, { n: [3, 130], flag: [true, false], x: [1.5, 2.5] });
    expect(predicted.label).toEqual(['low', 'high, “very”']);
  });

  it('takes texts, and gives the labels their own type', async () => {
    const records = Array.from({ length: 40 }, (_, i) => ({
      text: i % 2 === 0 ? `sunny walk ${i}` : `heavy storm ${i}`,
      label: i % 2 === 1,
    }));
    const runId = await train({ kind: 'inline', records });
    const predicted = await predict(runId, { text: ['a sunny day', 'the storm'] });
    expect(predicted.label).toEqual([false, true]);
  });
});
