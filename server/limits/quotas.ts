import { inTurn } from '../../platform/in-turn.ts';
import { Failure } from '../../schemas/failure.ts';
import type { KeptBytes } from './kept-bytes.ts';
import { tooManyBytes, tooManyRunning, tooManyToday } from './quota-exceeded.ts';
import type { QuotaLimits } from './quota-limits.ts';
import type { RunCounts } from './run-counts.ts';
import { createStartedRuns, type StartedRuns } from './started-runs.ts';

export interface QuotaDependencies {
  readonly limitsOf: (tenant: string) => QuotaLimits;
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

/** What tenants may use. A burst gets no further than one after the other: each start counts for the next. */
export function createQuotas({ limitsOf, counts, keptBytes, now }: QuotaDependencies): Quotas {
  const startedBy = new Map<string, StartedRuns>();
  function startedOf(tenant: string): StartedRuns {
    const started = startedBy.get(tenant) ?? createStartedRuns(counts);
    startedBy.set(tenant, started);
    return started;
  }

  async function demandRoom(tenant: string, started: StartedRuns): Promise<void> {
    const { bytes, running, runsPerDay } = limitsOf(tenant);
    if (bytes !== undefined) {
      const used = await keptBytes(tenant);
      if (used >= bytes) throw tooManyBytes(used, bytes);
    }
    if (running === undefined && runsPerDay === undefined) return;
    await started.settle();
    const without = started.ids;
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

  return {
    limited: (tenant) => Object.values(limitsOf(tenant)).some((limit) => limit !== undefined),
    async within(tenant, { id, start, startedId }) {
      const started = startedOf(tenant);
      await inTurn(`quota of ${tenant}`, async () => {
        // The same run is being started by another call.
        if (started.has(id)) return;
        try {
          await demandRoom(tenant, started);
        } catch (refusal) {
          // A start under way may be counted twice: as what stands for it, and as Temporal shows it.
          if (!(await started.landed())) throw refusal;
          await demandRoom(tenant, started);
        }
        started.add(id);
      });
      const result = start().then(
        (value) => {
          const known = startedId(value);
          if (known !== id) started.remove(id);
          if (known !== undefined) started.add(known);
          return value;
        },
        (error: unknown) => {
          // After silence it may have started.
          const silence = error instanceof Failure && error.code === 'TEMPORAL_UNAVAILABLE';
          if (!silence) started.remove(id);
          throw error;
        },
      );
      started.follow(result);
      return result;
    },
  };
}
