import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Bench } from './bench.ts';
import { HEAVY_PARAMS, heavyTexts } from './heavy-training.ts';
import type { Row } from './results.ts';
import { openField, steadyRate, untilEnd, waitForTraining, type Field } from './scaling-field.ts';
import { startProductProcess } from '../test/support/product-process.ts';
import { recordedTraining, startSleepingTrainings } from './sleeping-trainings.ts';

const HEAVY = { source: { kind: 'inline', records: heavyTexts() }, params: HEAVY_PARAMS };
const PLAIN = fileURLToPath(new URL('plain-training.ts', import.meta.url));
/** How many real ones each worker has. */
const TRAININGS = 3;
/** How often each worker's slot is filled. */
const WAVES = 4;
const SLEEPERS = [
  { seconds: 20, workers: [1, 4, 16, 64] },
  { seconds: 2, workers: [64] },
] as const;
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
    const rate = await steadyRate(field, ids, workers);
    rates.push(rate);
    bench.say(`${workers} training worker(s): ${rate.toFixed(3)} experiments a second`);
  }
  const [one = NaN, two = NaN] = rates;
  const share = two / one / 2;
  const machine = await shareOfMachine();
  return [
    {
      ...scaledRow('trainings of 20 000 texts on one core each: 2 workers', share, BAR * machine),
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
  for (const { seconds, workers: counts } of SLEEPERS) {
    for (const workers of counts) {
      const ids = await field.start(WAVES * workers);
      await waitForTraining(field, ids);
      const trainings = await startSleepingTrainings(field, { workers, seconds, model });
      await untilEnd(field, ids);
      await trainings.stop();
      const rate = await steadyRate(field, ids, workers);
      bench.say(
        `${workers} workers asleep for ${seconds} s: ${rate.toFixed(2)} experiments a second`,
      );
      rows.push(
        scaledRow(
          `trainings that sleep ${seconds} s: ${workers} workers, ${rate.toFixed(2)} experiments a second`,
          (rate * seconds) / workers,
          seconds === 2 ? undefined : BAR,
        ),
      );
    }
  }
  return rows;
}

/** @param share of what the workers could do if nothing else took time */
function scaledRow(what: string, share: number, bar: number | undefined = BAR): Row {
  return {
    ...{ what: `${what} (part of linear)`, rounds: 1, ours: share.toFixed(3), other: '' },
    ...{ ratio: '', bar: bar === undefined ? '' : `>= ${bar}` },
    met: bar === undefined ? '' : share >= bar ? 'yes' : 'no',
  };
}
