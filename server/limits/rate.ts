import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';

import type { CountsDatabase } from './counts-database.ts';

/** Counts what callers take, each by a key. */
export interface Rate {
  /**
   * Takes points of a key, if it has as many left.
   * @returns 0, or after how many whole seconds it will have some again
   */
  take(key: string, points?: number): Promise<number>;
}

/** Short, so that whoever was refused comes again soon; long enough for bursts. */
const WINDOW_SECONDS = 10;

/**
 * So many points a second and key, on average over ten seconds. What was not used is lost when they are over.
 * @param database where several servers count together; in this process without it, and as long as it is away
 */
export function createRate(pointsPerSecond: number, database?: CountsDatabase): Rate {
  const points = pointsPerSecond * WINDOW_SECONDS;
  const here = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  let together: RateLimiterAbstract | undefined;
  async function limiter(): Promise<RateLimiterAbstract> {
    if (!database) return here;
    try {
      return (together ??= new RateLimiterPostgres({
        ...{ points, duration: WINDOW_SECONDS, insuranceLimiter: here },
        ...{ storeClient: await database.ready(), storeType: 'pool' },
        ...{ tableName: 'caller_points', tableCreated: true },
        // Who has none left is told so without a query.
        inMemoryBlockOnConsumed: points + 1,
      }));
    } catch {
      return here;
    }
  }
  return {
    async take(key, taken = 1) {
      try {
        await (await limiter()).consume(key, taken);
        return 0;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
    },
  };
}
