import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import { changing } from './hash-file.ts';
import { tooLarge, type ProvenFile } from './open-in-roots.ts';

const PIECE_BYTES = 4 << 20;

/**
 * Copies an open file to `target` (it must not exist) and hashes what is copied: from then on only
 * the copy is read, so the hash is that of the data. Reading runs ahead of writing.
 * @returns SHA-256 (hex) of the bytes
 * @throws Failure BYTE_LIMIT when it grows beyond `maxBytes`, FILE_UNREADABLE when it changes meanwhile;
 *   the signal's reason when that is aborted
 */
export async function copyAndHash(
  { handle }: ProvenFile,
  target: string,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<string> {
  const before = await handle.stat();
  const hash = createHash('sha256');
  const copy = await open(target, 'wx', 0o600);
  try {
    const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    let writing: Promise<unknown> = Promise.resolve();
    let position = 0;
    for (let turn = 0; ; turn = 1 - turn) {
      signal.throwIfAborted();
      const buffer = buffers[turn] as Buffer;
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, position);
      const piece = buffer.subarray(0, bytesRead);
      await writing;
      if (bytesRead === 0) break;
      if (position + bytesRead > maxBytes) throw tooLarge(maxBytes);
      writing = writeWhole(copy, piece, position);
      // Awaited in the next turn; an error must not count as unhandled until then.
      writing.catch(() => undefined);
      hash.update(piece);
      position += bytesRead;
    }
    const after = await handle.stat();
    if (after.mtimeMs !== before.mtimeMs || after.size !== before.size || position !== after.size) {
      throw changing();
    }
    return hash.digest('hex');
  } finally {
    await copy.close();
  }
}

/** Writes all the bytes: a single call may write some and leave the rest, as on a disk that fills up. */
export async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
