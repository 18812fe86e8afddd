import { stat } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A task on a larger dataset leaves arrays that are worth collecting. */
const LARGE_BYTES = 16 << 20;
/** By then the threads that shared the arrays have gone. */
const AFTER_MS = 100;

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Gives the arrays of a finished task back soon. The collector does not weigh shared memory, sees
 * small objects only, and would let gigabytes pile up.
 */
export async function releaseMemory(datasetPath: string): Promise<void> {
  const found = await stat(datasetPath).catch(() => undefined);
  if (found && found.size > LARGE_BYTES) setTimeout(collect, AFTER_MS).unref();
}
