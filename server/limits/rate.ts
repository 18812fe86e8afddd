import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

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
 * So many points a second and key, on average over ten seconds. The one place that decides where they are
 * counted: in this process. What was not used is lost when the ten seconds are over.
 */
export function createRate(pointsPerSecond: number): Rate {
  const limiter = new RateLimiterMemory({
    points: pointsPerSecond * WINDOW_SECONDS,
    duration: WINDOW_SECONDS,
  });
  return {
    async take(key, points = 1) {
      try {
        await limiter.consume(key, points);
        return 0;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      }
    },
  };
}
