import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A process that has grown beyond this holds arrays that are worth collecting. */
const GROWN_BYTES = 384 << 20;
/** By then the threads that shared the arrays have gone. */
const AFTER_MS = 100;

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Gives the arrays of a finished task back soon. The collector does not weigh shared memory, sees
 * small objects only, and would let gigabytes pile up.
 */
export function releaseMemory(): void {
  setTimeout(() => {
    if (process.memoryUsage.rss() > GROWN_BYTES) collect();
  }, AFTER_MS).unref();
}
