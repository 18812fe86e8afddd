import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';

import { resetReason } from '../../../platform/resets.ts';
import { resetPoints } from '../../../server/experiments/reset-points.ts';
import { STEPS, type StepName } from '../../../schemas/names.ts';

const { History } = proto.temporal.api.history.v1;

/** A history in which each entry is a step that completed, `step!` one that did not, or another event. */
function historyOf(...entries: string[]) {
  const events: Record<string, unknown>[] = [{ workflowExecutionStartedEventAttributes: {} }];
  const add = (attributes: object): number => events.push({ ...attributes });
  for (const entry of entries) {
    if (entry === 'cancel') add({ workflowExecutionCancelRequestedEventAttributes: {} });
    else if (entry === 'finished') add({ workflowExecutionCompletedEventAttributes: {} });
    else if (entry === 'failed') add({ workflowExecutionFailedEventAttributes: {} });
    else if (entry.startsWith('reset ')) {
      const failure = { message: entry.slice(6), resetWorkflowFailureInfo: {} };
      add({ workflowTaskFailedEventAttributes: { failure } });
    } else {
      const task = add({ workflowTaskCompletedEventAttributes: {} });
      const name = STEPS[entry.replace('!', '') as StepName];
      const scheduledEventId = add({
        activityTaskScheduledEventAttributes: {
          ...{ activityType: { name }, workflowTaskCompletedEventId: task },
        },
      });
      if (entry.endsWith('!')) add({ activityTaskFailedEventAttributes: { scheduledEventId } });
      else add({ activityTaskCompletedEventAttributes: { scheduledEventId } });
    }
  }
  const numbered = events.map((event, i) => ({ eventId: i + 1, ...event }));
  return History.fromObject({ events: numbered }).events;
}
const names = (...entries: string[]) =>
  resetPoints(historyOf(...entries))
    .map(({ step }) => step)
    .join(' ');

describe('the steps that a run can be done again from', () => {
  it.each([
    [
      'end at the one that failed',
      ['validate', 'open', 'load!', 'close', 'failed'],
      'validate open load',
    ],
    [
      'end at the one that was stopped',
      ['validate', 'open', 'cancel', 'load!', 'close'],
      'validate open load',
    ],
    [
      'end at the one that outlived a cancellation',
      ['validate', 'open', 'cancel', 'close'],
      'validate open',
    ],
    [
      'hold close where it is at fault itself',
      ['validate', 'open', 'log', 'close!', 'failed'],
      'validate open log close',
    ],
    [
      'hold close where the run was terminated in it',
      ['validate', 'open', 'log', 'close!'],
      'validate open log close',
    ],
    [
      'hold all of a run that finished',
      ['validate', 'open', 'log', 'close', 'finished'],
      'validate open log close',
    ],
    [
      'leave out a close after which the workflow failed',
      ['validate', 'open', 'close', 'failed'],
      'validate open',
    ],
    ['are none in a run that no worker has taken up', ['cancel'], ''],
  ])('%s', (_name, entries, expected) => {
    expect(names(...entries)).toBe(expected);
  });

  it('lead back to the workflow task that scheduled them', () => {
    const points = resetPoints(historyOf('validate', 'open', 'load!'));
    expect(points.map(({ resetTo }) => Number(resetTo))).toEqual([2, 5, 8]);
  });
});

describe('the reason of a reset', () => {
  it('is that of the latest one', () => {
    const events = historyOf('validate', 'reset once', 'open', 'reset twice', 'load');
    expect(resetReason(events)).toBe('twice');
    expect(resetReason(historyOf('validate', 'failed'))).toBeUndefined();
  });
});
