import { createHash } from 'node:crypto';

import { Failure } from '../../../schemas/failure.ts';
import type { ProvenFile } from './open-in-roots.ts';

const PIECE_BYTES = 4 << 20;

/**
 * SHA-256 (hex) of an open file's bytes, as they are now. Reading runs ahead of hashing.
 * @throws Failure FILE_UNREADABLE when the file changes meanwhile; the signal's reason when that is aborted
 */
export async function hashFile({ handle }: ProvenFile, signal: AbortSignal): Promise<string> {
  const before = await handle.stat();
  const hash = createHash('sha256');
  const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  const read = (position: number, turn: 0 | 1) =>
    handle.read(buffers[turn], 0, PIECE_BYTES, position);
  let position = 0;
  let turn: 0 | 1 = 0;
  for (let ahead = read(0, 0); ;) {
    const { bytesRead } = await ahead;
    signal.throwIfAborted();
    if (bytesRead === 0) break;
    const piece = buffers[turn].subarray(0, bytesRead);
    position += bytesRead;
    if (position > before.size) throw changing();
    turn = turn === 0 ? 1 : 0;
    ahead = read(position, turn);
    ahead.catch(() => undefined);
    hash.update(piece);
  }
  const after = await handle.stat();
  if (after.mtimeMs !== before.mtimeMs || position !== after.size) throw changing();
  return hash.digest('hex');
}

/** The failure for a file that somebody writes while it is read. */
export function changing(): Failure {
  return new Failure(
    'FILE_UNREADABLE',
    'The file changed while it was being read.',
    'Start the run again when the file is complete.',
  );
}
