import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import { told } from '../requests.ts';
import type { Stage, Task } from '../task.ts';

const FEATURES = Array.from({ length: 500 }, (_, i) => `reading ${i} of the long row of sensors`);
const CLASSES = 60;
/** In tokens: clients refuse what is longer, or cut it. */
const CLIENTS_CAP = 25_000;
const TARGET = 'what the machine was doing, as its operator has written it down';

/** A table with more of everything than anybody's: names, columns, classes. */
function wideTable(): string {
  const rows = Array.from({ length: 5 * CLASSES }, (_, row) => {
    const kind = row % CLASSES;
    const values = FEATURES.map(
      (_name, i) => ((row * 7 + i * 13) % 97) + (i % CLASSES === kind ? 50 : 0),
    );
    return [...values, `state number ${kind} of the machine’s long list`].join(',');
  });
  return [[...FEATURES, `"${TARGET}"`].join(','), ...rows, ''].join('\n');
}

/** Uses every tool on a run with much to tell; no answer may take more than a thousand tokens. */
async function play(stage: Stage): Promise<void> {
  const path = 'wide.csv';
  await writeFile(join(stage.service.data, path), wideTable());
  const agent = await stage.connect();
  const source = { kind: 'file', path, features: FEATURES, target: TARGET };
  const request = { experiment_name: stage.experiment, source, wait_seconds: 45 };
  const sizes: [string, number][] = [];
  const use = async (tool: string, args: Record<string, unknown>) => {
    const answer = await agent.call(tool, args);
    sizes.push([`${tool}: ${answer.ok ? 'answer' : answer.failure.code}`, answer.tokens]);
    return answer;
  };

  await use('mlflow_validate_source', { source });
  await use('mlflow_validate_source', { source: { ...source, features: undefined, target: 'x' } });
  const run = (params: object) => use('mlflow_run_experiment', { ...request, params });
  const first = told(await run({ max_iter: 10 }));
  const others = [await run({ max_iter: 11, C: 0.5 }), await run({ test_size: 0.3, seed: 1 })];
  const ids = [first.run_id, ...others.map((answer) => told(answer).run_id)];
  expect(first.status).toBe('FINISHED');
  await use('mlflow_get_run', { run_id: first.run_id });
  const more = await Promise.all([8, 9, 12, 13, 14, 15, 16].map((max_iter) => run({ max_iter })));
  ids.push(...more.map((answer) => told(answer).run_id));
  await use('mlflow_list_runs', {});
  await use('mlflow_list_runs', { experiment_name: stage.experiment, order_by: 'accuracy' });
  await use('mlflow_compare_runs', { run_ids: ids });
  await use('mlflow_cancel_run', { run_id: first.run_id });
  await use('mlflow_retry_run', { run_id: first.run_id, reason: 'to see' });
  await use('mlflow_retry_run', { run_id: first.run_id, step: 'close', reason: 'to see' });
  expect(sizes.filter(([, tokens]) => tokens > 1000)).toEqual([]);
  for (const resource of ['report', 'history']) {
    const tokens = await agent.read(`run://${first.run_id}/${resource}`);
    expect(tokens).toBeLessThan(CLIENTS_CAP);
  }
}

export const SMALL_ANSWERS: readonly Task[] = [
  { name: 'of little memory uses every tool on a run with much to tell', seconds: 120, play },
];
