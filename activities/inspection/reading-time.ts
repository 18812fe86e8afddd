import { Failure, FAILURES } from '../../schemas/failure.ts';
import type { FailureWords } from '../sources/source-refused.ts';
import type { SourceLimits } from '../sources/source-types.ts';

export interface Patience {
  readonly seconds: number;
  /** More for what can't stop between two rows: a copy, a query without rows. */
  readonly grace: number;
}

/** The caller waits 45 seconds at most, with all that comes before and after the reading. */
export const PATIENCE: Patience = { seconds: 28, grace: 5 };

/** A look at a source lasts less long than its reading may. */
export interface ReadingTime {
  readonly limits: SourceLimits;
  /** Aborted when what should have ended has not. */
  readonly signal: AbortSignal;
  /** True when a reading ended because the look was over: a run would go on. */
  isOver(failure: FailureWords): boolean;
  /** What to say when some rows, or none, were read in that time. */
  readonly readSome: (rows: number) => string;
  readonly readNone: string;
  end(): void;
}

export function startReadingTime(own: SourceLimits, { seconds, grace }: Patience): ReadingTime {
  const isShorter = seconds < own.queryTimeoutSeconds;
  const stop = new AbortController();
  const over = new Failure('TIME_LIMIT', 'The time for reading is over.', 'Give a smaller source.');
  const timer = setTimeout(() => stop.abort(over), (seconds + grace) * 1000);
  return {
    limits: isShorter ? { ...own, readUntil: Date.now() + seconds * 1000 } : own,
    signal: stop.signal,
    isOver: ({ code }) => isShorter && code === 'TIME_LIMIT',
    readSome: (rows) =>
      `The source is larger than can be read in ${seconds} seconds: rows, missing values and classes are ` +
      `those of the first ${rows} rows. A run reads them all.`,
    readNone:
      `No rows could be read in ${seconds} seconds, so they were not checked. ` +
      `A run may read for ${own.queryTimeoutSeconds} seconds.`,
    end: () => clearTimeout(timer),
  };
}

/** True for what says nothing of the source: a neighbour is away, or something of ours is broken. */
export function isOutage({ code }: Failure): boolean {
  const { status, retry } = FAILURES[code];
  return status >= 500 || retry !== 'never';
}
