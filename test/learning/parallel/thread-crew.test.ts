import { threadId } from 'node:worker_threads';

import { describe, expect, it } from 'vitest';

import { evenBounds } from '../../../learning/parallel/crew.ts';
import { threadCrew } from '../../../learning/parallel/thread-crew.ts';
import { createWork, PARTS, type Record } from './recorded-work.ts';

const module = new URL('./recorded-work.ts', import.meta.url);

function recorded(failing = false): Record {
  const shared = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return { times: shared(18), doers: shared(2), owner: threadId, failing };
}

describe('threadCrew', () => {
  it('does every part of every phase once, with the help of other threads', () => {
    const record = recorded();
    const crew = threadCrew(createWork(record), { threads: 4, module, problem: record });
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      for (const phase of PARTS.keys()) {
        crew.run(phase);
        const done = record.times.subarray(9 * phase, 9 * phase + PARTS[phase]!);
        expect([...done]).toEqual(Array(PARTS[phase]).fill(round + 1));
      }
    }
    crew.dismiss();
    expect(record.doers[0]! + record.doers[1]!).toBe(rounds * 14);
    expect(record.doers[1]).toBeGreaterThan(0);
  });

  it('fails when a thread fails at its part', () => {
    const record = recorded(true);
    const crew = threadCrew(createWork(record), { threads: 2, module, problem: record });
    expect(() => {
      for (let round = 0; round < 10_000; round++) for (const phase of [0, 1]) crew.run(phase);
    }).toThrow('A thread of the fit failed.');
    crew.dismiss();
  });

  it('refuses phases out of their order', () => {
    const record = recorded();
    const crew = threadCrew(createWork(record), { threads: 1, module, problem: record });
    expect(() => crew.run(1)).toThrow(RangeError);
  });
});

describe('evenBounds', () => {
  it('covers all items with runs that differ by one at most', () => {
    expect([...evenBounds(10, 4)]).toEqual([0, 2, 5, 7, 10]);
    expect([...evenBounds(3, 1)]).toEqual([0, 3]);
  });
});
