import { Failure } from '../../schemas/failure.ts';
import type { KeptBytes } from './kept-bytes.ts';
import { tooManyBytes, tooManyRunning, tooManyToday } from './quota-exceeded.ts';
import type { QuotaLimits } from './quota-limits.ts';
import type { RunCounts } from './run-counts.ts';
import type { StartedRuns, StartedRunsOf } from './started-runs.ts';

export interface QuotaDependencies {
  readonly limitsOf: (tenant: string) => QuotaLimits;
  readonly startedRuns: StartedRunsOf;
  readonly counts: RunCounts;
  readonly keptBytes: KeptBytes;
  readonly now: () => number;
}

/** A run to be started. */
export interface OneMore<T> {
  /** Its workflow id, or what stands for it as long as it is not known. */
  readonly id: string;
  readonly start: () => Promise<T>;
  /** The workflow id in what came of it; undefined when no run was started. */
  readonly startedId: (result: T) => string | undefined;
}

export interface Quotas {
  /**
   * Starts a run, if the tenant may have one more.
   * @throws Failure QUOTA_EXCEEDED
   */
  within<T>(tenant: string, run: OneMore<T>): Promise<T>;
  limited(tenant: string): boolean;
}

const DAY_SECONDS = 86_400;

/** A start whose end nobody knows has come to nothing, or is shown, by then. */
const LONGEST_MILLISECONDS = 60_000;
/** Between our clock and Temporal’s. */
const CLOCKS_APART_MILLISECONDS = 5_000;

/** What tenants may use. A burst gets no further than one after the other: each start counts for the next. */
export function createQuotas(deps: QuotaDependencies): Quotas {
  const { limitsOf, startedRuns, counts, keptBytes, now } = deps;
  /** By tenant: the starts of this process. */
  const underWay = new Map<string, Set<Promise<unknown>>>();

  async function demandBytes(tenant: string): Promise<void> {
    const { bytes } = limitsOf(tenant);
    if (bytes === undefined) return;
    const used = await keptBytes(tenant);
    if (used >= bytes) throw tooManyBytes(used, bytes);
  }

  async function demandRoom(tenant: string, started: StartedRuns): Promise<void> {
    const { running, runsPerDay } = limitsOf(tenant);
    if (running === undefined && runsPerDay === undefined) return;
    const without = await notShown(started);
    const used = async (where: string, limit: number): Promise<number> => {
      const exactFrom = limit - without.length;
      return without.length + (await counts.count({ tenant, where, without, exactFrom }));
    };
    if (running !== undefined) {
      const going = await used(`ExecutionStatus = 'Running'`, running);
      if (going >= running) throw tooManyRunning(going, running);
    }
    if (runsPerDay !== undefined) {
      const seconds = now() / 1000;
      const midnight = Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS;
      const today = new Date(midnight * 1000).toISOString();
      const done = await used(`StartTime >= '${today}'`, runsPerDay);
      const left = Math.ceil(midnight + DAY_SECONDS - seconds);
      if (done >= runsPerDay) throw tooManyToday(done, runsPerDay, left);
    }
  }

  /** Forgets those that Temporal shows by now; the ids of the others. */
  async function notShown(started: StartedRuns): Promise<string[]> {
    const since = await started.all();
    if (since.size === 0) return [];
    const begun = new Date(Math.min(...since.values()) - CLOCKS_APART_MILLISECONDS);
    const shown = await counts.shown([...since.keys()], begun);
    const over = (id: string): boolean =>
      shown.has(id) || now() - (since.get(id) ?? 0) > LONGEST_MILLISECONDS;
    await started.remove([...since.keys()].filter(over));
    return [...since.keys()].filter((id) => !over(id));
  }

  /** True when starts were under way, and have come to their ends. */
  async function landed(tenant: string): Promise<boolean> {
    const starts = underWay.get(tenant);
    if (!starts?.size) return false;
    await Promise.allSettled(starts);
    return true;
  }

  function follow(tenant: string, start: Promise<unknown>): void {
    const starts = underWay.get(tenant) ?? new Set();
    underWay.set(tenant, starts.add(start));
    const over = () => starts.delete(start);
    start.then(over, over);
  }

  return {
    limited: (tenant) => Object.values(limitsOf(tenant)).some((limit) => limit !== undefined),
    async within(tenant, { id, start, startedId }) {
      // Before its turn: measuring a large store takes longer than other servers wait for theirs.
      await demandBytes(tenant);
      await startedRuns.inTurn(tenant, async (started) => {
        // The same run is being started by another call.
        if ((await started.all()).has(id)) return;
        try {
          await demandRoom(tenant, started);
        } catch (refusal) {
          // A start under way may be counted twice: as what stands for it, and as Temporal shows it.
          if (!(await landed(tenant))) throw refusal;
          await demandRoom(tenant, started);
        }
        await started.add(id);
      });
      const result = start().then(
        async (value) => {
          const known = startedId(value);
          if (known !== id) await startedRuns.replace(tenant, id, known);
          return value;
        },
        async (error: unknown) => {
          // After silence it may have started.
          const silence = error instanceof Failure && error.code === 'TEMPORAL_UNAVAILABLE';
          if (!silence) await startedRuns.replace(tenant, id, undefined);
          throw error;
        },
      );
      follow(tenant, result);
      return result;
    },
  };
}
