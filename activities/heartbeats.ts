import { AsyncLocalStorage } from 'node:async_hooks';

import type { Context } from '@temporalio/activity';

import type { StepUsage } from '../schemas/experiment.ts';
import { Failure, type FailureCode } from '../schemas/failure.ts';
import { heartbeatSchema, type Heartbeat, type Progress } from '../schemas/progress.ts';

const BEAT_MILLISECONDS = 1000;

/** What a thread or process used while it worked for a step. */
export type Spent = Partial<Pick<StepUsage, 'cpuSeconds' | 'peakBytes'>>;

/** The heartbeats of one attempt, and what it has used so far. */
export interface Heartbeats {
  /** Runs the attempt and sends a heartbeat every second, repeating the last progress. */
  during<T>(run: () => Promise<T>): Promise<{ output: T; usage: StepUsage }>;
  /**
   * For right before something that another attempt might undo or repeat.
   * @throws Failure when this process stood still for so long that Temporal may have begun another one
   */
  demandAlive(): void;
  report(progress: Progress): void;
  spend(used: Spent): void;
  /**
   * Tells that the attempt failed.
   * @returns how many attempts in a row have ended so; one whose worker died does not count
   */
  failed(code: FailureCode): number;
}

const current = new AsyncLocalStorage<Heartbeats>();

/** The heartbeats of the attempt that is running now. */
export function heartbeats(): Heartbeats | undefined {
  return current.getStore();
}

export function createHeartbeats(context: Context): Heartbeats {
  let { failing } = lastHeartbeat(context);
  let progress: Progress = {};
  let cpuSeconds = 0;
  let peakBytes = 0;
  let beatAt = Date.now();
  const beat = (): void => {
    beatAt = Date.now();
    context.heartbeat({ ...progress, ...(failing && { failing }) });
  };
  const spend = (used: Spent): void => {
    cpuSeconds += used.cpuSeconds ?? 0;
    peakBytes = Math.max(peakBytes, used.peakBytes ?? 0);
  };
  const look = (): void => spend({ peakBytes: process.memoryUsage.rss() });
  const own: Heartbeats = {
    async during(run) {
      const timer = setInterval(() => {
        look();
        beat();
      }, BEAT_MILLISECONDS);
      const startedAt = performance.now();
      try {
        const output = await current.run(own, run);
        look();
        const seconds = (performance.now() - startedAt) / 1000;
        return { output, usage: { seconds, cpuSeconds, peakBytes } };
      } finally {
        clearInterval(timer);
      }
    },
    demandAlive() {
      const { heartbeatTimeoutMs = Infinity } = context.info;
      // The last one that was sent may be two seconds older than the last one that was told.
      if (Date.now() - beatAt < heartbeatTimeoutMs - 2 * BEAT_MILLISECONDS) return;
      throw new Failure(
        'INTERNAL',
        'The worker stood still for longer than a heartbeat may take.',
        'Another attempt does the step; see that the worker’s machine is not overloaded.',
      );
    },
    report(told) {
      progress = told;
      beat();
    },
    spend,
    failed(code) {
      const before = failing?.code === code ? failing : undefined;
      const since = before?.since ?? new Date().toISOString();
      failing = { code, since, tries: (before?.tries ?? 0) + 1 };
      beat();
      return failing.tries;
    },
  };
  return own;
}

/** What the attempt before told last. */
function lastHeartbeat({ info }: Context): Heartbeat {
  const parsed = heartbeatSchema.safeParse(info.heartbeatDetails);
  return parsed.success ? parsed.data : {};
}
