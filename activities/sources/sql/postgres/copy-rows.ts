import type { DatasetWriter } from '../../dataset-writer.ts';
import type { LabelTable } from '../../label-table.ts';
import { tooLong } from '../query-failures.ts';
import type { Flow } from './protocol-queries.ts';

/** "PGCOPY\n\xff\r\n\0", flags and the length of the header's extension. */
const HEADER_BYTES = 19;

export interface CopyShape {
  readonly task: 'tabular' | 'text';
  /** Number of features: so many doubles, or one text, come before the label in each row. */
  readonly width: number;
  /** A text or label of so many characters was cut by the query. */
  readonly longestText: number;
  readonly longestLabel: number;
  readonly writer: DatasetWriter;
  readonly labels: LabelTable;
}

/** Reads PostgreSQL's binary COPY format straight into the writer's blocks. */
export interface CopyRows {
  readonly take: (chunk: Buffer, flow: Flow) => void;
  /** Waits for what is still being written. @throws what stopped the reading */
  finish(): Promise<void>;
}

/** @param fail is called once when a row can't be taken; no further data counts then */
export function createCopyRows(
  { task, width, longestText, longestLabel, writer, labels }: CopyShape,
  hooks: { readonly onRows: (rows: number) => void; readonly fail: () => void },
): CopyRows {
  const waiting: Buffer[] = [];
  let rest: Buffer | undefined;
  let begun = false;
  let filled = 0;
  let failure: unknown;
  let committing: Promise<void> | undefined;

  /** Reads whole rows until the block is full; what is left of the bytes is kept. */
  function read(chunk: Buffer): void {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    let at = 0;
    if (!begun) {
      if (bytes.length < HEADER_BYTES) return void (rest = bytes);
      at = HEADER_BYTES + bytes.readUInt32BE(HEADER_BYTES - 4);
      begun = true;
    }
    while (at < bytes.length) {
      if (full()) return void waiting.unshift(bytes.subarray(at));
      const end = rowEnd(bytes, at);
      if (end < 0) return void (rest = Buffer.from(bytes.subarray(at)));
      if (end > at + 2) readRow(bytes, at + 2);
      at = end;
    }
  }

  function readRow(bytes: Buffer, start: number): void {
    const block = writer.block();
    const row = writer.rows() + filled;
    let at = start;
    if (task === 'text') at = readText(bytes, at, row);
    else {
      for (let feature = 0; feature < width; feature++) {
        const length = bytes.readInt32BE(at);
        at += 4;
        if (length < 0) writer.findings.add('missing', feature, row);
        else {
          const value = bytes.readDoubleBE(at);
          if (Number.isFinite(value)) block.x[filled * width + feature] = value;
          else writer.findings.add('outOfRange', feature, row);
          at += length;
        }
      }
    }
    const length = bytes.readInt32BE(at);
    if (length < 0) writer.findings.add('missing', width, row);
    const end = at + 4 + Math.max(0, length);
    if (isLong(bytes, at + 4, end, longestLabel)) throw tooLong('label');
    block.codes[filled++] = length < 0 ? -1 : labels.codeOf(bytes, at + 4, end);
  }

  function readText(bytes: Buffer, at: number, row: number): number {
    const length = bytes.readInt32BE(at);
    if (length < 0) writer.findings.add('missing', 0, row);
    const end = at + 4 + Math.max(0, length);
    if (isLong(bytes, at + 4, end, longestText)) throw tooLong('text');
    writer.appendText(bytes, at + 4, end);
    return end;
  }

  async function commit(flow: Flow): Promise<void> {
    flow.pause();
    try {
      while (full()) {
        const count = filled;
        filled = 0;
        await writer.commit(count);
        hooks.onRows(writer.rows());
        while (waiting.length > 0 && !full()) read(waiting.shift() as Buffer);
      }
    } catch (error) {
      stop(error);
    }
    committing = undefined;
    flow.resume();
  }

  function full(): boolean {
    return writer.full(filled);
  }

  function stop(error: unknown): void {
    failure ??= error;
    waiting.length = 0;
    hooks.fail();
  }

  return {
    take(chunk, flow) {
      if (failure !== undefined) return;
      if (committing) return void waiting.push(chunk);
      try {
        read(chunk);
      } catch (error) {
        return stop(error);
      }
      if (full()) committing = commit(flow);
    },
    async finish() {
      await committing;
      if (failure !== undefined) throw failure as Error;
      if (filled > 0) await writer.commit(filled);
      filled = 0;
      hooks.onRows(writer.rows());
    },
  };
}

/** The offset after the row that begins at `at`, or -1 when it is not complete. */
function rowEnd(bytes: Buffer, at: number): number {
  if (at + 2 > bytes.length) return -1;
  const fields = bytes.readInt16BE(at);
  let end = at + 2;
  for (let field = 0; field < fields; field++) {
    if (end + 4 > bytes.length) return -1;
    end += 4 + Math.max(0, bytes.readInt32BE(end));
  }
  return end <= bytes.length ? end : -1;
}

/** True when bytes[start, end) are UTF-8 of at least so many characters. */
function isLong(bytes: Buffer, start: number, end: number, characters: number): boolean {
  if (end - start < characters) return false;
  let count = 0;
  // Continuation bytes begin with the bits 10.
  for (let i = start; i < end; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) count++;
  return count >= characters;
}
