import { isUtf8 } from 'node:buffer';

import type { DatasetWriter } from '../dataset-writer.ts';
import { badLine } from './csv-failure.ts';
import { CARRIAGE_RETURN, LINE_FEED } from './csv-field.ts';
import { createCsvRowReader, type CsvLayout } from './csv-rows.ts';
import { LOOK_AHEAD } from './plain-number.ts';
import type { RowSink } from './row-sink.ts';
import type { Section, SectionRows } from './section.ts';

/** The code of a label that is missing. */
const MISSING = -1;
/** A longer row is no row: a quote was left open, or the file is no CSV. */
const ROW_BYTES = 64 << 20;
/** Read texts are handed on by then, however few rows they are. */
const BLOCK_BYTES = 16 << 20;

/** Appends a file's rows to a dataset, section by section. */
export interface RowAppender {
  /** Whether the section before ended with a row, so that the next one begins with one. */
  atRowStart(): boolean;
  /** Appends rows that were read elsewhere, at a row's start. @throws Failure of the dataset's limits */
  append(section: Section, rows: SectionRows): Promise<void>;
  /** Reads a section and appends its rows. @throws Failure for the file's first fault, or for the limits */
  read(section: Pick<Section, 'bytes' | 'length'>): Promise<void>;
  /** The file is read. @throws Failure */
  finish(): Promise<void>;
}

export function createRowAppender(
  layout: CsvLayout,
  sink: RowSink,
  { writer, onRows }: { writer: DatasetWriter; onRows: (rows: number) => void },
): RowAppender {
  const { width } = layout;
  const reader = createCsvRowReader(layout, sink);
  /** The beginning of a row that the last section did not end. */
  let rest = new Uint8Array(0);
  /** Bytes of the file since the last commit. */
  let pending = 0;

  async function commit(): Promise<void> {
    await writer.commit(sink.filled);
    sink.filled = 0;
    pending = 0;
    onRows(writer.rows());
  }

  /** Reads rows to the end of the block or the bytes; of two faults the first in the file is thrown. */
  function readRows(bytes: Uint8Array, start: number, end: number): number {
    const { line } = sink;
    let next: number;
    try {
      next = reader.read(bytes, start, end);
    } catch (error) {
      checkText(bytes.subarray(start, reader.rowStart()), line);
      throw error;
    }
    checkText(bytes.subarray(start, next), line);
    return next;
  }

  async function read({ bytes, length }: Pick<Section, 'bytes' | 'length'>): Promise<void> {
    const whole = rest.length === 0 ? bytes : joined(rest, bytes.subarray(0, length));
    const end = rest.length + length;
    let used = 0;
    for (;;) {
      used = readRows(whole, used, end);
      if (sink.filled < writer.block().capacity) break;
      await commit();
    }
    rest = whole.slice(used, end);
    pending += length;
    if (pending >= BLOCK_BYTES && sink.filled > 0) await commit();
    if (rest.length <= ROW_BYTES) return;
    throw badLine(
      sink.line,
      `is longer than ${ROW_BYTES >> 20} MiB, or opens a quote that is never closed`,
    );
  }

  /** Copies rows from `from` on into the block, as many as it has room for; returns the next one. */
  function copyRows({ x, codes }: Section, from: number, rows: number, known: Int32Array): number {
    const { filled } = sink;
    const block = writer.block();
    const to = Math.min(rows, from + block.capacity - filled);
    block.x.set(x.subarray(from * width, to * width), filled * width);
    for (let row = from; row < to; row++) {
      block.codes[filled + row - from] = known[codes[row] as number] ?? MISSING;
    }
    sink.filled += to - from;
    return to;
  }

  return {
    atRowStart: () => rest.length === 0,
    read,
    async append(section, { rows, lines, labels, remarks }) {
      sink.remarks.addAll(remarks, sink.rows() + sink.filled);
      sink.line += lines;
      const known = Int32Array.from(labels, (label) => {
        const bytes = Buffer.from(label);
        return sink.labels.codeOf(bytes, 0, bytes.length);
      });
      for (let next = 0; next < rows;) {
        next = copyRows(section, next, rows, known);
        if (sink.filled === writer.block().capacity) await commit();
      }
    },
    async finish() {
      const { length } = rest;
      if (length > 0 && rest[length - 1] !== 10) {
        await read({ bytes: joined(Uint8Array.of(10), new Uint8Array(0)), length: 1 });
      }
      if (rest.length > 0) throw badLine(sink.line, 'opens a quote that is never closed');
      if (sink.filled > 0) await commit();
      sink.remarks.settle(writer.rows());
    },
  };
}

/** Two pieces in one, with what a row reader wants behind them. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length + LOOK_AHEAD);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** @throws Failure for rows that are not UTF-8, with the first such line */
function checkText(bytes: Uint8Array, firstLine: number): void {
  if (isUtf8(bytes)) return;
  let line = firstLine;
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== LINE_FEED && (byte !== CARRIAGE_RETURN || bytes[at + 1] === LINE_FEED)) continue;
    if (!isUtf8(bytes.subarray(start, at))) break;
    start = at + 1;
    line++;
  }
  throw badLine(line, 'is not UTF-8 text');
}
