import type { RunCounts } from './run-counts.ts';

/** Runs that have just been let in, until Temporal shows them: it does so a moment after they have started. */
export interface StartedRuns {
  readonly ids: readonly string[];
  has(id: string): boolean;
  add(id: string): void;
  /** Of a start that is under way. */
  follow(start: Promise<unknown>): void;
  /** True when starts were under way, and have come to their ends. */
  landed(): Promise<boolean>;
  /** It was not started after all. */
  remove(id: string): void;
  /** Forgets those that Temporal shows by now. */
  settle(): Promise<void>;
}

/** A start whose end nobody knows has come to nothing, or is shown, by then. */
const LONGEST_MILLISECONDS = 60_000;
/** Between our clock and Temporal’s. */
const CLOCKS_APART_MILLISECONDS = 5_000;

/** Those of one tenant, in this process; none to begin with. */
export function createStartedRuns(counts: Pick<RunCounts, 'shown'>): StartedRuns {
  const since = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  return {
    get ids() {
      return [...since.keys()];
    },
    has: (id) => since.has(id),
    add: (id) => void since.set(id, Date.now()),
    follow(start) {
      underWay.add(start);
      const over = () => underWay.delete(start);
      start.then(over, over);
    },
    async landed() {
      if (underWay.size === 0) return false;
      await Promise.allSettled(underWay);
      return true;
    },
    remove: (id) => void since.delete(id),
    async settle() {
      const oldest = Math.min(...since.values());
      if (since.size === 0) return;
      const begun = new Date(oldest - CLOCKS_APART_MILLISECONDS);
      for (const id of await counts.shown([...since.keys()], begun)) since.delete(id);
      for (const [id, at] of since) if (Date.now() - at > LONGEST_MILLISECONDS) since.delete(id);
    },
  };
}
