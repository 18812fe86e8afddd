import { setTimeout } from 'node:timers/promises';

import { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection, Runtime, Worker, DefaultLogger } from '@temporalio/worker';

import { TASK_QUEUE, taskQueueOf } from '../schemas/names.ts';
import { startProductProcess } from '../test/support/product-process.ts';
import { untilEnd, type Field } from './scaling-field.ts';

const HEARTBEAT_MS = 5_000;

/** What a real training of the field’s small experiment came to, for others to give as their result. */
export async function recordedTraining(field: Field): Promise<unknown> {
  const worker = await startProductProcess('worker', {
    ...{ ...field.settings, WORKER_QUEUES: 'training' },
  });
  const [id = ''] = await field.start(1);
  await untilEnd(field, [id]);
  await worker.stop();
  const { events } = await field.temporal.workflow.getHandle(id).fetchHistory();
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'trainModel',
  );
  const completed = events?.find(
    ({ activityTaskCompletedEventAttributes: end }) =>
      end && String(end.scheduledEventId) === String(scheduled?.eventId),
  );
  const [payload] = completed?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
  if (!payload) throw new Error('The history has no training.');
  return defaultPayloadConverter.fromPayload(payload);
}

export interface SleepingTrainings {
  stop(): Promise<void>;
}

/**
 * Workers that train one experiment at a time, as Temporal sees them; they sleep instead. They start one after another
 * within the time of one training: on real machines, too, trainings do not all end in the same moment.
 */
export async function startSleepingTrainings(
  field: Field,
  { workers: count, seconds, model }: { workers: number; seconds: number; model: unknown },
): Promise<SleepingTrainings> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = field.settings['TEMPORAL_ADDRESS'] ?? '';
  const trainModel = async (): Promise<unknown> => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    await context.sleep(1000 * seconds).finally(() => clearInterval(beat));
    return model;
  };
  const workers = await Promise.all(
    Array.from({ length: count }, async () =>
      Worker.create({
        // As of a process of its own.
        connection: await NativeConnection.connect({ address }),
        activities: { trainModel },
        taskQueue: taskQueueOf('training', TASK_QUEUE),
        maxConcurrentActivityTaskExecutions: 1,
        maxConcurrentActivityTaskPolls: 1,
      }),
    ),
  );
  const running = Promise.all(
    workers.map(async (worker, i) => {
      await setTimeout((1000 * seconds * i) / count);
      await worker.run();
    }),
  );
  return {
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      for (const { connection } of workers) await connection?.close();
    },
  };
}
