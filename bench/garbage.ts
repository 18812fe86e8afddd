import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { writeDemoData } from '../examples/demo-data.ts';
import { createHonestCaller } from '../test/support/honest-caller.ts';
import { writeKey } from '../test/support/write-key.ts';
import { flood } from '../test/support/flood.ts';
import type { Bench } from './bench.ts';
import { startInstallation } from './installation.ts';
import { watchMemory } from './memory.ts';
import { judged, type Row } from './results.ts';

const PER_SECOND = 2000;
const SECONDS = 30;
/** Two processes send it. */
const FROM = ['127.0.0.3', '127.0.0.4'];
const ASK_EVERY_MILLISECONDS = 250;
/** Each so many of those calls, a whole experiment. */
const EXPERIMENT_EVERY = 16;
const MOST_BYTES = 500e6;
const MOST_MILLISECONDS = 1000;

/** What an honest caller on an address of its own sees while others send garbage, and what the server takes. */
export async function measureGarbage(bench: Bench): Promise<Row[]> {
  return [
    ...(await measured(bench, 'no limits', { RATE_PER_ADDRESS: '0' })),
    ...(await measured(bench, 'RATE_PER_ADDRESS=200', { RATE_PER_ADDRESS: '200' })),
  ];
}

async function measured(
  bench: Bench,
  what: string,
  settings: Readonly<Record<string, string>>,
): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const API_KEYS_FILE = join(bench.scratch, 'garbage-keys.json');
  const key = await writeKey(API_KEYS_FILE);
  const { url, pid } = await startInstallation(bench, stack, {
    ...{ name: 'garbage', settings: { ...settings, API_KEYS_FILE } },
  });
  await writeDemoData(bench.scratch);
  const port = Number(new URL(url).port);
  const honest = createHonestCaller(port, '127.0.0.2', { authorization: `Bearer ${key}` });
  const source = { kind: 'file', path: 'train.csv', target: 'label' };
  const experiment = () =>
    honest.invoke('mlflow.run_experiment', { experiment_name: 'garbage', source });
  const { workflow_id: run_id } = await experiment();
  const before = watchMemory(pid)().bytes;
  const peak = watchMemory(pid);
  let going = true;
  const floods = Promise.all(
    FROM.map((from) =>
      flood({ port, perSecond: PER_SECOND / FROM.length, seconds: SECONDS, from }),
    ),
  ).finally(() => (going = false));
  const experiments: Promise<unknown>[] = [];
  for (let i = 0; going; i++) {
    const status = await honest.get('/health');
    if (status !== 200) throw new Error(`/health answered ${status}.`);
    await honest.invoke('mlflow.get_run', { run_id });
    if (i % EXPERIMENT_EVERY === 0) experiments.push(experiment());
    await pause(ASK_EVERY_MILLISECONDS);
  }
  const flooded = await floods;
  await Promise.all(experiments);
  const { bytes } = peak();
  for (const { sent, perSecond, statuses } of flooded) {
    bench.say(`${what}: sent ${sent}, ${perSecond} a second: ${JSON.stringify(statuses)}`);
  }
  // What was open is closed by then.
  await pause(15_000);
  const after = watchMemory(pid)().bytes;
  const [low, high, late] = [before, bytes, after].map((value) => (value / 1e6).toFixed(0));
  const answered = flooded.flatMap(({ statuses }) => Object.values(statuses));
  const perSecond = answered.reduce((sum, count) => sum + count, 0) / SECONDS;
  const about = `${PER_SECOND} requests/s of garbage, ${SECONDS} s, ${what}`;
  const taken = (name: string) => honest.milliseconds.get(name) ?? [];
  return [
    latencyRow(`${about}: honest /health`, taken('/health'), MOST_MILLISECONDS),
    latencyRow(`${about}: honest get_run`, taken('mlflow.get_run'), MOST_MILLISECONDS),
    latencyRow(`${about}: honest run_experiment`, taken('mlflow.run_experiment')),
    {
      ...{ what: `${about}: the server’s memory before, at most, after`, rounds: 1 },
      ...{ ours: `${low}, ${high}, ${late} MB`, other: `${MOST_BYTES / 1e6} MB (the bar)` },
      ...judged(bytes / MOST_BYTES, 1),
    },
    {
      ...{ what: `${about}: answered or cut`, rounds: 1, ours: `${perSecond.toFixed(0)} a second` },
      ...{ other: '', ratio: '', bar: '', met: '' },
    },
  ];
}

function latencyRow(what: string, milliseconds: readonly number[], bar?: number): Row {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  const [middle, late, last] = [at(0.5), at(0.99), at(1)].map((value) => value.toFixed(0));
  const ours = `${middle} ms (99 %: ${late}, most: ${last})`;
  const rounds = milliseconds.length;
  return bar === undefined
    ? { ...{ what, rounds, ours, other: '' }, ...{ ratio: '', bar: '', met: '' } }
    : { ...{ what, rounds, ours, other: `${bar} ms (the bar)` }, ...judged(at(0.5) / bar, 1) };
}
