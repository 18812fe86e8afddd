import type { Bench } from './bench.ts';
import type { Row } from './results.ts';
import { openField, secondsToEnd, waitForTraining, type Field } from './scaling-field.ts';
import { startProductProcess } from '../test/support/product-process.ts';
import { recordedTraining, startSleepingTrainings } from './sleeping-trainings.ts';

/** An experiment whose training takes far longer on one core than all its other steps. */
const HEAVY = {
  source: { kind: 'file', path: 'rows-1m-3-classes.parquet', target: 'label' },
  params: { max_iter: 100, tol: 1e-10 },
};
/** How often each worker's slot is filled. */
const WAVES = 6;
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
  await bench.data('rows-1m-3-classes.parquet');
  const rates: number[] = [];
  for (const workers of [1, 2]) {
    await using stack = new AsyncDisposableStack();
    const ids = await field.start(4 * workers, HEAVY);
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
    const seconds = await secondsToEnd(field, ids);
    rates.push(ids.length / seconds);
    bench.say(
      `${workers} training worker(s): ${ids.length} experiments in ${seconds.toFixed(1)} s`,
    );
  }
  const [one = NaN, two = NaN] = rates;
  return [
    scaledRow(
      'trainings of 1 000 000 x 20, three classes, on one core each: 2 workers',
      two / one / 2,
    ),
  ];
}

async function sleepingTrainings(bench: Bench, field: Field): Promise<Row[]> {
  const rows: Row[] = [];
  const model = await recordedTraining(field);
  for (const { seconds, workers: counts } of SLEEPERS) {
    for (const workers of counts) {
      const ids = await field.start(WAVES * workers);
      await waitForTraining(field, ids);
      const trainings = await startSleepingTrainings(field, { workers, seconds, model });
      const took = await secondsToEnd(field, ids);
      await trainings.stop();
      const rate = ids.length / took;
      bench.say(
        `${workers} workers asleep for ${seconds} s: ${ids.length} experiments in ${took.toFixed(1)} s, ${rate.toFixed(2)} a second`,
      );
      rows.push(
        scaledRow(
          `trainings that sleep ${seconds} s: ${workers} workers, ${rate.toFixed(2)} experiments a second`,
          (WAVES * seconds) / took,
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
