import type { Checkpoint } from './checkpoint.ts';

/** Sizes have the same width, so that names sort as their numbers do. */
const DIGITS = 12;

/** The name that a checkpoint is published under. */
export function checkpointName({ chain, size }: Pick<Checkpoint, 'chain' | 'size'>): string {
  return `${chain}/${String(size).padStart(DIGITS, '0')}.json`;
}

export function isCheckpointName(name: string): boolean {
  return /\/\d{12}\.json$/.test(name);
}

/** The size that a name tells; NaN for one that tells none. */
export function sizeInName(name: string): number {
  return Number(/(\d+)\.json$/.exec(name)?.[1]);
}
