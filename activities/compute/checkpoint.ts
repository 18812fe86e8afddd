import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

import type { LbfgsState } from '../../learning/lbfgs/state.ts';

/** All that a fit needs to go on as if nothing had happened. */
export interface Checkpoint {
  readonly state: LbfgsState;
  /** Loss after each iteration so far. */
  readonly losses: readonly number[];
}

const HASH_BYTES = 32;

/**
 * Writes a checkpoint, led by the SHA-256 of what follows; at `path` there is never half of one.
 * @returns that hash (hex); undefined when it could not: a fit goes on without, on a full disk as well
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): string | undefined {
  const content = serialize(checkpoint);
  const unfinished = `${path}.unfinished`;
  try {
    const hash = createHash('sha256').update(content).digest();
    writeFileSync(unfinished, hash);
    writeFileSync(unfinished, content, { flag: 'a' });
    renameSync(unfinished, path);
    return hash.toString('hex');
  } catch {
    rmSync(unfinished, { force: true });
    return undefined;
  }
}

/** Reads a checkpoint; undefined for one that is damaged: then the fit starts anew. */
export function readCheckpoint(
  path: string,
): (Checkpoint & { readonly sha256: string }) | undefined {
  const bytes = readFileSync(path);
  const content = bytes.subarray(HASH_BYTES);
  const hash = createHash('sha256').update(content).digest();
  return hash.equals(bytes.subarray(0, HASH_BYTES)) && content.length > 0
    ? { ...(deserialize(content) as Checkpoint), sha256: hash.toString('hex') }
    : undefined;
}

/**
 * Says when the next checkpoint is due: `seconds` after the last one, or later when writing takes long,
 * so that checkpoints never cost more than a twentieth of the time.
 */
export function createCheckpointClock(seconds: number): {
  isDue(): boolean;
  written(tookMilliseconds: number): void;
} {
  let next = performance.now() + 1000 * seconds;
  return {
    isDue: () => performance.now() >= next,
    written(took) {
      next = performance.now() + Math.max(1000 * seconds, 20 * took);
    },
  };
}
