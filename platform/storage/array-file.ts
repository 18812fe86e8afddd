/**
 * One file of named typed arrays: datasets, splits, models and predictions lie in it.
 *
 * Layout: the arrays' bytes one after another, each starting at a multiple of 8; then a JSON footer
 * {version, arrays: [{name, type, offset, length}], meta}; then the footer's byte length (uint32,
 * little-endian) and the magic "DXA1". The footer comes last so that a writer can stream rows
 * before it knows how many there are. All numbers are little-endian, as on every machine we run on.
 */
import { open, type FileHandle } from 'node:fs/promises';

import { whileThereIsRoom } from './storage-full.ts';

export const ARRAY_TYPES = {
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
} as const;
export type ArrayType = keyof typeof ARRAY_TYPES;
export type StoredArray = Float64Array | Int32Array | Uint32Array | Uint8Array;

interface ArrayEntry {
  readonly name: string;
  readonly type: ArrayType;
  /** Bytes from the file's start. */
  readonly offset: number;
  /** Elements, not bytes. */
  readonly length: number;
}

interface Footer {
  readonly version: 1;
  readonly arrays: readonly ArrayEntry[];
  readonly meta: unknown;
}

const MAGIC = 'DXA1';
const TRAILER_BYTES = 8;
/** Reads and writes go in pieces: one system call moves at most 2 GiB. */
const PIECE_BYTES = 1 << 28;

/** Raised when a file is not in this format or was cut; the caller turns it into BLOB_CORRUPT. */
export class ArrayFileError extends Error {
  override readonly name = 'ArrayFileError';
}

export interface ArrayFileWriter {
  /** Starts an array; the chunks appended until the next begin() are its contents. */
  begin(name: string, type: ArrayType): void;
  append(chunk: StoredArray): Promise<void>;
  /** Bytes written so far. */
  bytes(): number;
  /** Writes the footer and closes the file. */
  finish(meta: unknown): Promise<void>;
  /** Closes without a footer: the file is worthless afterwards. */
  abandon(): Promise<void>;
}

/** Creates `path` (it must not exist) and returns a streaming writer. @throws Failure STORAGE_FULL */
export async function createArrayFile(path: string): Promise<ArrayFileWriter> {
  const file = await whileThereIsRoom(open(path, 'wx', 0o600));
  const arrays: { name: string; type: ArrayType; offset: number; length: number }[] = [];
  let position = 0;

  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
      const piece = bytes.subarray(start, start + PIECE_BYTES);
      await whileThereIsRoom(writeWhole(file, piece, position + start));
    }
    position += bytes.byteLength;
  };

  /** A position that is a multiple of 8: the gap reads as zeros. */
  const aligned = (): number => Math.ceil(position / 8) * 8;

  return {
    begin(name, type) {
      position = aligned();
      arrays.push({ name, type, offset: position, length: 0 });
    },
    async append(chunk) {
      const entry = arrays.at(-1);
      if (!entry || !(chunk instanceof ARRAY_TYPES[entry.type])) {
        throw new TypeError('append() needs a begin() of the same array type');
      }
      await write(bytesOf(chunk));
      entry.length += chunk.length;
    },
    bytes: () => position,
    async finish(meta) {
      position = aligned();
      const footer: Footer = { version: 1, arrays, meta };
      const json = Buffer.from(JSON.stringify(footer));
      const trailer = Buffer.alloc(TRAILER_BYTES);
      trailer.writeUInt32LE(json.byteLength, 0);
      trailer.write(MAGIC, 4, 'latin1');
      await write(Buffer.concat([json, trailer]));
      await file.close();
    },
    async abandon() {
      await file.close();
    },
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: StoredArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await file.write(
      bytes,
      done,
      bytes.byteLength - done,
      position + done,
    );
    done += bytesWritten;
  }
}

export interface ArrayFile<Meta> {
  readonly meta: Meta;
  has(name: string): boolean;
  /** Reads one array whole, into memory that threads can share. */
  float64(name: string): Promise<Float64Array>;
  int32(name: string): Promise<Int32Array>;
  uint32(name: string): Promise<Uint32Array>;
  uint8(name: string): Promise<Uint8Array>;
  /**
   * Reads an array in order, `length` elements at a time (the last piece may be shorter), while the
   * caller works on the piece before. A piece is valid until the next one is asked for.
   */
  float64Pieces(name: string, length: number): AsyncGenerator<Float64Array, void, undefined>;
  /** Fills `target` with the array's elements from `start` on. */
  readFloat64(name: string, start: number, target: Float64Array): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file written by {@link createArrayFile}. `meta` is trusted to be what the writer put there. */
export async function openArrayFile<Meta>(path: string): Promise<ArrayFile<Meta>> {
  const file = await open(path, 'r');
  try {
    const footer = await readFooter(file);
    const entries = new Map(footer.arrays.map((entry) => [entry.name, entry]));
    const entryOf = (name: string, type: ArrayType): ArrayEntry => {
      const entry = entries.get(name);
      if (entry?.type !== type) throw new ArrayFileError(`no ${type} array named ${name}`);
      return entry;
    };
    const read = async (name: string, type: ArrayType): Promise<SharedArrayBuffer> => {
      const entry = entryOf(name, type);
      const size = entry.length * ARRAY_TYPES[type].BYTES_PER_ELEMENT;
      const buffer = new SharedArrayBuffer(size);
      await readWhole(file, new Uint8Array(buffer), entry.offset);
      return buffer;
    };
    return {
      meta: footer.meta as Meta,
      has: (name) => entries.has(name),
      float64: async (name) => new Float64Array(await read(name, 'float64')),
      int32: async (name) => new Int32Array(await read(name, 'int32')),
      uint32: async (name) => new Uint32Array(await read(name, 'uint32')),
      uint8: async (name) => new Uint8Array(await read(name, 'uint8')),
      float64Pieces: (name, length) => readPieces(file, entryOf(name, 'float64'), length),
      readFloat64: async (name, start, target) =>
        readWhole(file, bytesOf(target), entryOf(name, 'float64').offset + 8 * start),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* readPieces(
  file: FileHandle,
  { offset, length: total }: ArrayEntry,
  length: number,
): AsyncGenerator<Float64Array, void, undefined> {
  // No larger than the array: megabytes for a small one would keep the collector busy.
  const buffers = [
    new Float64Array(Math.min(length, total)),
    new Float64Array(Math.min(length, Math.max(0, total - length))),
  ] as const;
  const read = async (start: number, turn: 0 | 1): Promise<Float64Array> => {
    const piece = buffers[turn].subarray(0, Math.min(length, total - start));
    await readWhole(file, bytesOf(piece), offset + 8 * start);
    return piece;
  };
  let ahead = total > 0 ? read(0, 0) : undefined;
  for (let start = 0, turn: 0 | 1 = 0; ahead !== undefined; turn = turn === 0 ? 1 : 0) {
    const piece = await ahead;
    start += length;
    ahead = start < total ? read(start, turn === 0 ? 1 : 0) : undefined;
    // Awaited in the next turn; an error must not count as unhandled until then.
    ahead?.catch(() => undefined);
    yield piece;
  }
}

async function readFooter(file: FileHandle): Promise<Footer> {
  const { size } = await file.stat();
  if (size < TRAILER_BYTES) throw new ArrayFileError('too short');
  const trailer = Buffer.alloc(TRAILER_BYTES);
  await readWhole(file, trailer, size - TRAILER_BYTES);
  const length = trailer.readUInt32LE(0);
  if (trailer.toString('latin1', 4) !== MAGIC || length > size - TRAILER_BYTES) {
    throw new ArrayFileError('no footer');
  }
  const json = Buffer.alloc(length);
  await readWhole(file, json, size - TRAILER_BYTES - length);
  return JSON.parse(json.toString()) as Footer;
}

async function readWhole(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.byteLength;) {
    const length = Math.min(PIECE_BYTES, target.byteLength - done);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) throw new ArrayFileError('cut short');
    done += bytesRead;
  }
}
