import { badLine } from './csv-failure.ts';
import { CARRIAGE_RETURN, COMMA, createFieldScan, LINE_FEED, scanField } from './csv-field.ts';
import { createCellReader } from './csv-cells.ts';
import { readPlainNumber } from './plain-number.ts';
import type { RowSink } from './row-sink.ts';

/** What the cells of a column are for. */
export const SKIPPED = 0;
export const NUMBER = 1;
export const TEXT = 2;
export const LABEL = 3;

export interface CsvLayout {
  /** [columns] the role of each column. */
  readonly roles: Uint8Array;
  /** [columns] its position among the features. */
  readonly features: Int32Array;
  /** Number of features. */
  readonly width: number;
}

export interface CsvRowReader {
  /**
   * Reads whole rows from bytes[start, end) into the sink's block and returns the offset of the
   * first byte not used: the block is full, or the last row is not complete. `bytes[end]` must be 0,
   * and the bytes go on for LOOK_AHEAD.
   * @throws Failure FILE_UNREADABLE for a row that is not CSV or has the wrong number of fields
   */
  read(bytes: Uint8Array, start: number, end: number): number;
  /** Offset of the row that was being read when read() threw. */
  rowStart(): number;
}

/** Reads CSV rows straight into numbers, label codes and text bytes. */
export function createCsvRowReader(layout: CsvLayout, sink: RowSink): CsvRowReader {
  const { roles, features, width } = layout;
  const columns = roles.length;
  const last = columns - 1;
  const scan = createFieldScan();
  const cells = createCellReader(sink, width);
  let rowStart = 0;

  /** Scans a field the general way; false when it is not complete. */
  function slowField(bytes: Uint8Array, at: number, end: number, column: number): boolean {
    if (!scanField(scan, bytes, { at, end, line: sink.line })) return false;
    const after = bytes[scan.next];
    if (column < last && after !== COMMA) {
      throw badLine(sink.line, `has ${column + 1} fields where the header has ${columns}`);
    }
    if (column === last && after === COMMA) {
      throw badLine(sink.line, `has more fields than the ${columns} of the header`);
    }
    return true;
  }

  function read(bytes: Uint8Array, start: number, end: number): number {
    const { x, capacity } = sink.block();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = start;
    while (sink.filled < capacity && at < end) {
      rowStart = at;
      const blank = blankLineEnd(bytes, at, end);
      if (blank < 0) break;
      if (blank > at) {
        at = blank;
        sink.line++;
        continue;
      }
      const row = sink.filled * width;
      let q = at;
      let breaks = 0;
      cells.begin();
      for (let column = 0; column < columns; column++) {
        const role = roles[column] as number;
        if (role === NUMBER) {
          const p = readPlainNumber(view, q, x, row + (features[column] as number));
          const byte = p < 0 ? 0 : bytes[p];
          const ended =
            column < last ? byte === COMMA : byte === LINE_FEED || byte === CARRIAGE_RETURN;
          if (ended) {
            q = p + 1;
            continue;
          }
        }
        if (!slowField(bytes, q, end, column)) return at;
        breaks += scan.breaks;
        if (role === NUMBER) {
          const feature = features[column] as number;
          x[row + feature] = cells.number(bytes, scan, feature);
        } else if (role === TEXT) cells.text(bytes, scan);
        else if (role === LABEL) cells.label(bytes, scan);
        q = scan.next + 1;
      }
      // A lone carriage return at the end of the bytes may be half of a line break.
      if (bytes[q - 1] === CARRIAGE_RETURN) {
        if (q >= end) return at;
        if (bytes[q] === LINE_FEED) q++;
      }
      cells.commit(bytes);
      sink.line += 1 + breaks;
      at = q;
    }
    return at;
  }

  return { read, rowStart: () => rowStart };
}

/** `at` when a row begins there, the offset after a line of nothing but spaces, or -1 when the bytes end first. */
function blankLineEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (bytes[i] === 32 || bytes[i] === 9)) i++;
  if (i >= end) return -1;
  if (bytes[i] === LINE_FEED) return i + 1;
  if (bytes[i] !== CARRIAGE_RETURN) return at;
  if (i + 1 >= end) return -1;
  return bytes[i + 1] === LINE_FEED ? i + 2 : i + 1;
}
