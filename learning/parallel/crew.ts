/**
 * Work in phases, each cut into parts. What a part computes depends on the part alone and is written
 * to a place of its own, so any thread may do it and the results are the same bits.
 */
export interface Work {
  /** Number of parts in each phase. */
  readonly phases: readonly number[];
  perform(phase: number, part: number): void;
}

/** Whoever does the parts. */
export interface Crew {
  /** Returns when every part of the phase is done. @throws Error when a thread failed */
  run(phase: number): void;
  /** No more work: threads end. */
  dismiss(): void;
  /** CPU seconds of the other threads until now. */
  helperSeconds(): number;
}

/** This thread does everything. */
export function soloCrew(work: Work): Crew {
  return {
    run(phase) {
      const parts = work.phases[phase]!;
      for (let part = 0; part < parts; part++) work.perform(phase, part);
    },
    dismiss: () => undefined,
    helperSeconds: () => 0,
  };
}

/** `count` items in `parts` runs of nearly equal length: the first item of each, and the end. */
export function evenBounds(count: number, parts: number): Int32Array {
  return Int32Array.from({ length: parts + 1 }, (_, part) => Math.floor((part * count) / parts));
}
