import { describe, expect, it } from 'vitest';

import { checkGateMetric, passGate } from '../../activities/registration-gate.ts';

const gate = { model_name: 'm', metric: 'f1_weighted', beat_champion: true } as const;
const champion = { version: 3, value: 0.9 };

describe('passGate', () => {
  it.each([
    ['a first model', gate, 0.1, null, true],
    ['one below the minimum', { ...gate, minimum: 0.5 }, 0.4, null, false],
    ['one at the minimum', { ...gate, minimum: 0.5 }, 0.5, null, true],
    ['a better one', gate, 0.91, champion, true],
    ['an equal one', gate, 0.9, champion, false],
    ['a worse one', gate, 0.89, champion, false],
    [
      'a worse one that need not be better',
      { ...gate, beat_champion: false },
      0.89,
      champion,
      true,
    ],
    ['one whose champion has no value', gate, 0.99, { version: 3, value: null }, false],
    ['not a number', { ...gate, minimum: 0 }, NaN, null, false],
  ])('judges %s', (_, registration, value, incumbent, passed) => {
    const verdict = passGate(registration, value, incumbent);
    expect(verdict.passed).toBe(passed);
    expect(verdict.reason).toContain('f1_weighted');
    if (incumbent && 'minimum' in registration === false)
      expect(verdict.reason).toContain('version 3');
  });
});

describe('checkGateMetric', () => {
  it.each([
    ['roc_auc', 3],
    ['pr_auc_ovr_weighted', 2],
  ])('refuses %s for %i classes', (metric, classCount) => {
    expect(() => checkGateMetric(metric, classCount)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_METRIC' }),
    );
  });

  it('takes what the run will have, and no gate at all', () => {
    checkGateMetric('roc_auc', 2);
    checkGateMetric('roc_auc_ovr_weighted', 3);
    checkGateMetric('accuracy', 7);
    checkGateMetric(undefined, 2);
  });
});
