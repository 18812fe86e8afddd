import { open } from 'node:fs/promises';

import { Failure } from '../../../schemas/failure.ts';
import type { ProvenFile } from '../files/open-in-roots.ts';
import { writeWhole } from '../files/private-copy.ts';

const MAGIC = 'PAR1';
/** Length of the footer and the magic number, at the file's end. */
const TRAILER_BYTES = 8;
const MOST_FOOTER_BYTES = 64 << 20;

/**
 * Copies only the footer of a Parquet file, into a file that is as long but otherwise a hole: enough
 * to read names and types from, whatever the file's size.
 * @throws Failure FILE_UNREADABLE as {@link footerBytes} does
 */
export async function copyFooter(file: ProvenFile, target: string): Promise<void> {
  const { handle, size } = file;
  const footer = Buffer.alloc(await footerBytes(file));
  await handle.read(footer, 0, footer.length, size - footer.length);
  const copy = await open(target, 'wx', 0o600);
  try {
    await writeWhole(copy, Buffer.from(MAGIC), 0);
    await writeWhole(copy, footer, size - footer.length);
  } finally {
    await copy.close();
  }
}

/**
 * Bytes at the end of a Parquet file that say what is in it.
 * @throws Failure FILE_UNREADABLE for a file without Parquet's marks, or with a footer above 64 MiB
 */
export async function footerBytes({ handle, size }: ProvenFile): Promise<number> {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  const head = Buffer.alloc(MAGIC.length);
  await handle.read(head, 0, head.length, 0);
  if (size > 2 * TRAILER_BYTES) await handle.read(trailer, 0, TRAILER_BYTES, size - TRAILER_BYTES);
  const length = trailer.readUInt32LE(0);
  const marked = head.toString('latin1') === MAGIC && trailer.toString('latin1', 4) === MAGIC;
  if (!marked || length > size - TRAILER_BYTES || length > MOST_FOOTER_BYTES) throw notParquet();
  return length + TRAILER_BYTES;
}

export function notParquet(cause?: unknown): Failure {
  return new Failure(
    'FILE_UNREADABLE',
    'The file is not a complete Parquet file.',
    'Write it again, or set format to “csv” if that is what it is.',
    { cause },
  );
}
