import { booleanOf } from '../label-texts.ts';
import type { Remark } from './cell-remarks.ts';
import { type FieldScan, unescapedField } from './csv-field.ts';
import { decimalOf } from './decimal.ts';
import { isMissingMarker } from './missing-markers.ts';
import type { RowSink } from './row-sink.ts';

/**
 * Reads single cells of a row. What a cell causes (a finding, a label, a text) is kept until
 * commit(), because a row that is cut by the end of the bytes is read again from its start.
 */
export interface CellReader {
  /** A new row begins. */
  begin(): void;
  /** The number in a cell; whatever is no finite number becomes a finding. */
  number(bytes: Uint8Array, field: FieldScan, feature: number): number;
  text(bytes: Uint8Array, field: FieldScan): void;
  label(bytes: Uint8Array, field: FieldScan): void;
  /** The row is complete: it is the next one of the block. */
  commit(bytes: Uint8Array): void;
}

/** @param width number of features */
export function createCellReader(sink: RowSink, width: number): CellReader {
  const { labels, remarks } = sink;
  /** Remarks on cells of the row that is being read. */
  const noted: { remark: Remark; column: number }[] = [];
  /** Bytes of the row's text and label: in the file's own bytes unless quotes had to be taken out. */
  const text = { own: undefined as Uint8Array | undefined, start: 0, end: 0, given: false };
  const label = { own: undefined as Uint8Array | undefined, start: 0, end: 0 };

  function keep(place: typeof label, bytes: Uint8Array, field: FieldScan): void {
    place.own = field.escaped ? unescapedField(bytes, field) : undefined;
    place.start = field.escaped ? 0 : field.start;
    place.end = place.own ? place.own.length : field.end;
  }

  function remarkOn(bytes: Uint8Array, { start, end }: FieldScan): Remark | number {
    if (isMissingMarker(bytes, start, end)) return 'missing';
    const content =
      end - start > 20 ? '' : Buffer.from(bytes.subarray(start, end)).toString('latin1');
    if (/^\s*[+-]?inf(?:inity)?\s*$/i.test(content)) return 'outOfRange';
    const boolean = booleanOf(content);
    return boolean === undefined ? 'notNumeric' : Number(boolean);
  }

  return {
    begin() {
      if (noted.length > 0) noted.length = 0;
      text.given = false;
    },
    number(bytes, field, feature) {
      const value = field.escaped ? NaN : decimalOf(bytes, field.start, field.end);
      if (Number.isFinite(value)) return value;
      const remark = Number.isNaN(value) ? remarkOn(bytes, field) : 'outOfRange';
      const isBoolean = typeof remark === 'number';
      noted.push({ remark: isBoolean ? 'boolean' : remark, column: feature });
      return isBoolean ? remark : NaN;
    },
    text(bytes, field) {
      keep(text, bytes, field);
      text.given = true;
      if (isMissingMarker(text.own ?? bytes, text.start, text.end)) {
        noted.push({ remark: 'missing', column: 0 });
      }
    },
    label(bytes, field) {
      keep(label, bytes, field);
    },
    commit(bytes) {
      const row = sink.rows() + sink.filled;
      for (const { remark, column } of noted) remarks.add(remark, column, row);
      if (text.given) sink.appendText(text.own ?? bytes, text.start, text.end);
      const code = labels.codeOf(label.own ?? bytes, label.start, label.end);
      if (code < 0) remarks.add('missing', width, row);
      sink.block().codes[sink.filled++] = code;
    },
  };
}
