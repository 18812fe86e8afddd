import { MockActivityEnvironment } from '@temporalio/testing';
import type { Info as ActivityInfo } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import { attemptInterceptor } from '../../activities/attempts.ts';
import { heartbeats } from '../../activities/heartbeats.ts';
import { stepContext } from '../../activities/step-context.ts';
import { ArrayFileError } from '../../platform/storage/array-file.ts';
import { Failure } from '../../schemas/failure.ts';

/** Runs a step as the worker does: inside the interceptor, in an activity's context. */
async function attempt(step: () => Promise<unknown>, info: Partial<ActivityInfo> = {}) {
  const environment = new MockActivityEnvironment(
    { activityType: 'loadDataset', ...info },
    {
      interceptors: [attemptInterceptor(pino({ level: 'silent' }))],
      logger: new DefaultLogger('ERROR'),
    },
  );
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const run = environment.run(step);
  return { environment, beats, run };
}

async function failureOf(error: Error, info: Partial<ActivityInfo> = {}) {
  const { run } = await attempt(() => Promise.reject(error), info);
  return (await run.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ApplicationFailure;
}

describe('an attempt of a step', () => {
  it('fails with the code as type, and code, step, sentence and hint as details', async () => {
    const failure = await failureOf(new Failure('NO_ROWS', 'No rows.', 'Add some.'));
    expect(failure).toMatchObject({
      type: 'NO_ROWS',
      message: 'No rows.',
      nonRetryable: true,
      details: [{ code: 'NO_ROWS', step: 'load', message: 'No rows.', hint: 'Add some.' }],
    });
  });

  const FAILING_SINCE = '2026-11-22T12:00:00.000Z';
  /** What the heartbeats of earlier attempts have left. */
  const after = (code: string, tries: number) => ({
    heartbeatDetails: { failing: { code, since: FAILING_SINCE, tries } },
  });

  it('is tried again for as long as a neighbour is away, but at the first step', async () => {
    const away = new Failure('MLFLOW_UNAVAILABLE', 'Away.', 'Wait.');
    const earlier = after('MLFLOW_UNAVAILABLE', 500);
    expect(await failureOf(away, earlier)).toMatchObject({ nonRetryable: false });
    const first = { ...earlier, activityType: 'validateSource' };
    expect(await failureOf(away, first)).toMatchObject({ nonRetryable: true });
  });

  it('is tried three times over a fault of its own, whatever became of other attempts', async () => {
    const bug = new TypeError('x is not a function');
    for (const [info, nonRetryable] of [
      [{ attempt: 50 }, false],
      [after('INTERNAL', 1), false],
      [after('INTERNAL', 2), true],
      [after('READER_DIED', 2), false],
    ] as const) {
      expect(await failureOf(bug, info)).toMatchObject({ type: 'INTERNAL', nonRetryable });
    }
  });

  it('does nothing more after it stood still for longer than its heartbeats may take', async () => {
    const still = new Int32Array(new SharedArrayBuffer(4));
    const info = { heartbeatTimeoutMs: 2100 };
    const step = (ms: number) => async () => {
      Atomics.wait(still, 0, 0, ms);
      heartbeats()?.demandAlive();
    };
    await (
      await attempt(step(1), info)
    ).run;
    await expect((await attempt(step(150), info)).run).rejects.toMatchObject({
      ...{ type: 'INTERNAL', nonRetryable: false },
      message: expect.stringMatching(/stood still/) as string,
    });
  });

  it('tells the next one since when it fails, and how often', async () => {
    const away = new Failure('MLFLOW_UNAVAILABLE', 'Away.', 'Wait.');
    const { run, beats } = await attempt(() => Promise.reject(away), after(away.code, 4));
    await expect(run).rejects.toThrow();
    expect(beats).toEqual([{ failing: { code: away.code, since: FAILING_SINCE, tries: 5 } }]);
  });

  it('shows nothing of a foreign error', async () => {
    const cause = new Error('password authentication failed for "demo:hunter2"');
    const failure = await failureOf(Object.assign(cause, { code: '28P01' }));
    expect(JSON.stringify([failure.message, failure.details, failure.cause])).not.toContain(
      'hunter2',
    );
  });

  it.each([
    ['a broken blob', new ArrayFileError('no footer'), 'BLOB_CORRUPT'],
    ['a full disk', Object.assign(new Error('x'), { code: 'ENOSPC' }), 'STORAGE_FULL'],
    ['an array too long', new RangeError('Invalid typed array length'), 'MEMORY_LIMIT'],
  ])('knows %s', async (_name, error, code) => {
    expect(await failureOf(error)).toMatchObject({ type: code });
  });

  it('reports progress in heartbeats', async () => {
    const { run, beats } = await attempt(async () =>
      stepContext().report({ message: 'iteration 3' }),
    );
    await run;
    expect(beats).toContainEqual({ message: 'iteration 3' });
  });

  it('that is cancelled ends as cancelled, whatever it threw while stopping', async () => {
    const { environment, run } = await attempt(async () => {
      await new Promise((resolve) => stepContext().signal.addEventListener('abort', resolve));
      throw new Failure('READER_DIED', 'Died.', 'Again.');
    });
    environment.cancel('CANCELLED');
    await expect(run).rejects.toMatchObject({ name: 'CancelledFailure' });
  });
});
