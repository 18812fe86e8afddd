import { expect } from 'vitest';

import { ERAS } from '../agent.ts';
import { shortRequest, told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

/** Uses the mission document's names for everything. */
async function dottedNames(stage: Stage): Promise<void> {
  for (const era of ERAS) {
    const agent = await stage.connect(era);
    const { run_id } = told(await agent.call('mlflow.run_experiment', shortRequest(stage)));
    const view = await agent.call('mlflow.get_run', { run_id });
    expect(view.structured).toMatchObject({ run_id, status: 'FINISHED' });
    const list = await agent.call('mlflow.list_runs', { experiment_name: stage.experiment });
    expect(list.text).toContain(run_id);
  }
}

/** Writes objects as JSON, numbers as strings, and null for what it leaves out. */
async function oddForms(stage: Stage): Promise<void> {
  const agent = await stage.connect();
  const { source } = shortRequest(stage);
  const plain = await agent.call('mlflow_run_experiment', shortRequest(stage));
  const odd = await agent.call('mlflow_run_experiment', {
    ...{ experiment_name: stage.experiment, model: null, tracking_uri: null, reuse: 'true' },
    source: JSON.stringify({ ...source, conn: null, query: null }),
    params: JSON.stringify({ test_size: '0.2', seed: '42', C: null }),
    ...{ limits: null, register: null, idempotency_key: null, wait_seconds: '30' },
  });
  // The same request: its answer is the run that there is.
  expect(odd).toMatchObject({ ok: true, structured: { reused: true } });
  expect(told(odd).run_id).toBe(told(plain).run_id);
  const params = JSON.stringify(shortRequest(stage));
  const invoked = await stage.service.invoke('mlflow.run_experiment', params);
  expect(invoked.result).toMatchObject({ status: 'FINISHED' });
  const listed = await agent.call('mlflow_list_runs', {
    limit: '1',
    metrics: '[]',
    status: null,
  });
  expect(listed.ok).toBe(true);
}

/** Writes what nobody can be sure of, field after field, and is told how each is meant. */
async function wrongForms(stage: Stage): Promise<void> {
  const agent = await stage.connect();
  const request = shortRequest(stage);
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ params: { test_size: '20%' } }, /^params\.test_size must be a number/],
    [{ source: 'train.csv' }, /^source must be an object/],
    [{ source: { ...request.source, features: 'f1,f2' } }, /^source\.features must be a list/],
    [{ source: { ...request.source, kind: 'csv' } }, /^source\.kind must be one of file, sql/],
    [{ model: 'random_forest' }, /^model must be one of logreg_tabular, logreg_text/],
    [{ limits: 60 }, /^limits must be an object/],
    [{ reuse: 'yes' }, /^reuse must be true or false/],
    [{ wait_seconds: 60 }, /^wait_seconds must be at most 45/],
    [{ timeout: 60 }, /has no field timeout/],
    [{ experiment_name: null }, /^experiment_name is missing/],
  ];
  for (const [odd, message] of wrong) {
    const { ok, failure } = await agent.call('mlflow_run_experiment', { ...request, ...odd });
    expect({ ok, code: failure.code }).toEqual({ ok: false, code: 'INVALID_REQUEST' });
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(/send the request again/);
  }
  expect(await stage.runs()).toEqual([]);
}

export const ODD_ARGUMENTS: readonly Task[] = [
  { name: 'calls the tools by their dotted names', play: dottedNames },
  { name: 'writes its arguments as JSON, as strings and as null', play: oddForms },
  { name: 'writes arguments that could mean several things', play: wrongForms },
];
