import { describe, expect, it } from 'vitest';

import { runFilter, runOrder, type RunCondition } from '../../../platform/tracking/run-query.ts';

describe('runFilter', () => {
  it.each<[RunCondition[], string]>([
    [[], ''],
    [[{ metric: 'f1 class: ü', is: '>=', value: 0.9 }], 'metrics.`f1 class: ü` >= 0.9'],
    [[{ metric: 'loss', is: '<', value: 1e21 }], 'metrics.`loss` < 1e21'],
    [[{ metric: 'loss', is: '>', value: -1.5e-7 }], 'metrics.`loss` > -1.5e-7'],
    [[{ param: 'C', is: '=', value: '1' }], "params.`C` = '1'"],
    [[{ tag: 'caller', is: 'ILIKE', value: "it's%" }], 'tags.`caller` ILIKE "it\'s%"'],
    [[{ tag: 'a.b/c', is: 'absent' }], 'tags.`a.b/c` IS NULL'],
    [[{ param: 'C', is: 'present' }], 'params.`C` IS NOT NULL'],
    [
      [{ time: 'start', is: '>=', value: 1_700_000_000_000.7 }],
      'attributes.start_time >= 1700000000000',
    ],
    [[{ status: ['FINISHED'] }], "attributes.status = 'FINISHED'"],
    [
      [{ status: ['FINISHED', 'FAILED', 'KILLED'] }],
      "attributes.status != 'RUNNING' AND attributes.status != 'SCHEDULED'",
    ],
    [[{ runName: '%demo%', is: 'LIKE' }], "attributes.run_name LIKE '%demo%'"],
    [[{ runIds: ['ab', 'cd'] }], "attributes.run_id IN ('ab', 'cd')"],
    [[{ dataset: 'digest', is: '=', value: 'x' }], "dataset.digest = 'x'"],
    [
      [
        { tag: 't', is: '=', value: 'x' },
        { metric: 'm', is: '!=', value: 0 },
      ],
      "tags.`t` = 'x' AND metrics.`m` != 0",
    ],
  ])('writes %j', (conditions, filter) => {
    expect(runFilter(conditions)).toBe(filter);
  });

  it.each<RunCondition>([
    { tag: 't', is: '=', value: '\'"' },
    { tag: 't', is: '=', value: 'a\\' },
    { tag: 't', is: '=', value: "a\\' OR 1=1" },
    { tag: 't', is: '=', value: 'a\nb' },
    { tag: 't` = "x" AND tags.`y', is: '=', value: 'x' },
    { tag: '', is: 'present' },
    { metric: 'a%b', is: '=', value: 1 },
    { metric: 'x'.repeat(251), is: '=', value: 1 },
    { metric: 'm', is: '<', value: Number.NaN },
    { metric: 'm', is: '<', value: Infinity },
    { time: 'end', is: '<', value: Infinity },
    { runIds: [] },
    { runIds: ["a') OR ('b"] },
    { runName: '\'"', is: '=' },
  ])('refuses %j', (condition) => {
    expect(() => runFilter([condition])).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error,
    );
  });
});

describe('runOrder', () => {
  it('orders by attributes, metrics, params and tags', () => {
    expect(runOrder({ by: 'start_time', direction: 'DESC' })).toBe('attributes.start_time DESC');
    expect(runOrder({ by: { metric: 'a b' }, direction: 'ASC' })).toBe('metrics.`a b` ASC');
    expect(runOrder({ by: { param: 'C' }, direction: 'ASC' })).toBe('params.`C` ASC');
    expect(runOrder({ by: { tag: 'a.b' }, direction: 'DESC' })).toBe('tags.`a.b` DESC');
    expect(() => runOrder({ by: { metric: 'a`' }, direction: 'ASC' })).toThrow();
  });
});
