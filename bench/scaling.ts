import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Bench } from './bench.ts';
import { HEAVY_PARAMS, heavyTexts } from './heavy-training.ts';
import type { Row } from './results.ts';
import { closingTimes, openField, untilEnd, waitForTraining, type Field } from './scaling-field.ts';
import { startProductProcess } from '../test/support/product-process.ts';
import { recordedTraining, startSleepingTrainings } from './sleeping-trainings.ts';

const HEAVY = { source: { kind: 'inline', records: heavyTexts() }, params: HEAVY_PARAMS };
const PLAIN = fileURLToPath(new URL('plain-training.ts', import.meta.url));
/** How many real ones each worker has. */
const TRAININGS = 6;
/** How often each worker's slot is filled. */
const WAVES = 3;
/** 64 such trainings at a time are half of what this machine’s two cores carry of all the other steps. */
const SLEEP_SECONDS = 40;
const SLEEPERS = [1, 4, 16, 64];
const BAR = 0.9;

/** Experiments a second by the number of workers that train, each one at a time. */
export async function measureScaling(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const field = await openField(bench, stack, { worker: 'steps' });
  return [...(await realTrainings(bench, field)), ...(await sleepingTrainings(bench, field))];
}

async function realTrainings(bench: Bench, field: Field): Promise<Row[]> {
  const rates: number[] = [];
  for (const workers of [1, 2]) {
    await using stack = new AsyncDisposableStack();
    const ids = await field.start(TRAININGS * workers, HEAVY);
    await waitForTraining(field, ids);
    await Promise.all(
      Array.from({ length: workers }, async () => {
        const worker = await startProductProcess('worker', {
          ...{ ...field.settings, WORKER_QUEUES: 'training' },
          // One training keeps to one core, as on a machine of one core.
          ...{ TRAIN_THREADS: '1', MAX_TRAININGS: '1' },
        });
        stack.defer(() => worker.stop());
      }),
    );
    await untilEnd(field, ids);
    const ends = await closingTimes(field, ids);
    // What comes before the first end and after the last training is no matter of how many workers there are.
    const rate = rateBetween(ends, workers, ids.length);
    rates.push(rate);
    bench.say(`${workers} training worker(s): ${rate.toFixed(3)} experiments a second`);
  }
  const [one = NaN, two = NaN] = rates;
  const share = two / one / 2;
  const machine = await shareOfMachine();
  return [
    {
      ...scaledRow(
        'trainings of 20 000 texts on one core each: 2 workers',
        share,
        BAR * Math.min(1, machine),
      ),
      other: `${machine.toFixed(3)} in two plain processes`,
      bar: `>= ${BAR} of that`,
    },
  ];
}

/** What part of twice the work of one process two processes do, when nothing else goes on: cores share caches, or more. */
async function shareOfMachine(): Promise<number> {
  const train = async (): Promise<number> =>
    Number((await promisify(execFile)(process.execPath, [PLAIN])).stdout);
  const alone = await train();
  return alone / Math.max(...(await Promise.all([train(), train()])));
}

async function sleepingTrainings(bench: Bench, field: Field): Promise<Row[]> {
  const rows: Row[] = [];
  const model = await recordedTraining(field);
  for (const workers of SLEEPERS) {
    const ids = await field.start(WAVES * workers);
    await waitForTraining(field, ids);
    const sleep = { workers, seconds: SLEEP_SECONDS, model };
    const trainings = await startSleepingTrainings(field, sleep);
    await untilEnd(field, ids);
    await trainings.stop();
    const ends = await closingTimes(field, ids);
    // All sleep, and none has had its last one, from each worker's first to its last but one.
    const rate = rateBetween(ends, workers, (WAVES - 1) * workers);
    bench.say(`${workers} workers asleep: ${rate.toFixed(2)} experiments a second`);
    rows.push(
      scaledRow(
        `trainings that sleep ${SLEEP_SECONDS} s: ${workers} workers`,
        (rate * SLEEP_SECONDS) / workers,
        BAR,
      ),
    );
  }
  return [...rows, await mostASecond(bench, field, model)];
}

/** What all but the trainings can do: there are more workers than work. */
async function mostASecond(bench: Bench, field: Field, model: unknown): Promise<Row> {
  const workers = Math.max(...SLEEPERS);
  const ids = await field.start(WAVES * workers);
  await waitForTraining(field, ids);
  const startedAt = Date.now();
  const trainings = await startSleepingTrainings(field, { workers, seconds: 0, model });
  await untilEnd(field, ids);
  await trainings.stop();
  const rate = (1000 * ids.length) / (Number((await closingTimes(field, ids)).at(-1)) - startedAt);
  bench.say(`trainings that take no time: ${rate.toFixed(2)} experiments a second`);
  return {
    ...{
      what: `trainings that take no time, of ${workers} workers: from training to end, a second`,
    },
    ...{ rounds: 1, ours: rate.toFixed(1), other: '', ratio: '', bar: '', met: '' },
  };
}

/** Experiments a second that ended after the `from`th and up to the `to`th end. */
function rateBetween(ends: readonly number[], from: number, to: number): number {
  return (1000 * (to - from)) / (Number(ends[to - 1]) - Number(ends[from - 1]));
}

/** @param share of what the workers could do if nothing else took time */
function scaledRow(what: string, share: number, bar: number): Row {
  return {
    ...{ what: `${what} (part of linear)`, rounds: 1, ours: share.toFixed(3), other: '' },
    ...{ ratio: '', bar: `>= ${bar}` },
    met: share >= bar ? 'yes' : 'no',
  };
}
