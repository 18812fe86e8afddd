import { hash } from 'node:crypto';

import { Failure } from '../../../schemas/failure.ts';
import { canonical } from '../chain.ts';
import { checkpointSchema, checkpointText, type Checkpoint } from '../checkpoint.ts';
import type { CheckpointStore } from '../checkpoint-store.ts';
import { checkpointName, sizeInName } from '../checkpoint-name.ts';
import { isSignedBy } from '../signing-keys.ts';
import type { Finding } from './finding.ts';
import type { KeyRing } from './key-ring.ts';

/** Where checkpoints are read from; nothing is written there. */
export type CheckpointSource = Pick<CheckpointStore, 'list' | 'get'>;

/** Hashes of texts that were just read, which the events after them name. */
const REMEMBERED = 64;

/** The checkpoints of a chain in order of their sizes, each one verified; those that are not are findings. */
export interface SignedCheckpoints {
  /** The next one that can be relied on; undefined after the last. */
  next(): Promise<Checkpoint | undefined>;
  /** SHA-256 of the text of the checkpoint of that size; undefined when there is none. */
  sha256(size: number): Promise<string | undefined>;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

export async function signedCheckpoints(
  source: CheckpointSource,
  chain: string,
  keys: KeyRing,
): Promise<SignedCheckpoints> {
  const names = await source.list(`${chain}/`);
  const recent = new Map<number, string>();
  const findings: Finding[] = [];
  const warnings: string[] = [];
  let time = '';
  let at = 0;

  async function read(name: string): Promise<Checkpoint | undefined> {
    const text = await source.get(name);
    const size = sizeInName(name);
    recent.set(size, hash('sha256', text));
    if (recent.size > REMEMBERED) recent.delete(recent.keys().next().value as number);
    const checked = checkedCheckpoint(text, keys);
    if (typeof checked !== 'string' && checkpointName(checked) === name) return checked;
    const problem = typeof checked === 'string' ? checked : 'lies under another’s name';
    findings.push({ chain, checkpoint: size, problem: `The checkpoint ${name} ${problem}.` });
    return undefined;
  }

  return {
    findings,
    warnings,
    async next() {
      while (at < names.length) {
        const checkpoint = await read(names[at++] as string);
        if (!checkpoint) continue;
        if (checkpoint.time < time) {
          warnings.push(
            `The checkpoint of size ${checkpoint.size} is from ${checkpoint.time}, the one before it from ${time}: a clock was put back.`,
          );
        }
        time = checkpoint.time;
        return checkpoint;
      }
      return undefined;
    },
    async sha256(size) {
      const known = recent.get(size);
      if (known !== undefined) return known;
      const text = await source.get(checkpointName({ chain, size })).catch(ifMissing);
      return text === undefined ? undefined : hash('sha256', text);
    },
  };
}

/** A store that does not answer is no store from which something was taken away. */
function ifMissing(error: unknown): undefined {
  if (!(error instanceof Failure) || error.code !== 'BLOB_MISSING') throw error;
}

/** A checkpoint whose signature is by a trusted key; what is wrong with it otherwise. */
export function checkedCheckpoint(text: string, keys: KeyRing): Checkpoint | string {
  const checkpoint = parsed(text);
  if (!checkpoint || `${canonical(checkpoint)}\n` !== text) return 'is damaged';
  const key = keys.trusted.get(checkpoint.key_id);
  if (!key) return `is signed by ${checkpoint.key_id}, a key for which nobody vouches`;
  return isSignedBy(key, checkpointText(checkpoint), checkpoint.signature)
    ? checkpoint
    : 'is not as it was signed';
}

function parsed(text: string): Checkpoint | undefined {
  try {
    return checkpointSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
