import type { DatasetWriter } from '../dataset-writer.ts';
import { booleanOf } from '../label-texts.ts';
import type { LabelTable } from '../label-table.ts';
import { type FieldScan, unescapedField } from './csv-field.ts';
import { decimalOf } from './decimal.ts';
import { isMissingMarker } from './missing-markers.ts';

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
  /** The row is complete and stands at `position` of the writer's block. */
  commit(bytes: Uint8Array, position: number): void;
  finish(): void;
}

const FIRST_ROWS = 3;
type Remark = 'missing' | 'notNumeric' | 'outOfRange' | 'boolean';

export function createCellReader({
  writer,
  labels,
  width,
}: {
  readonly writer: DatasetWriter;
  readonly labels: LabelTable;
  readonly width: number;
}): CellReader {
  const { findings } = writer;
  /** Remarks on cells of the row that is being read. */
  const remarks: { remark: Remark; column: number }[] = [];
  /** Where booleans stand, by feature. */
  const booleans = new Map<number, { rows: number[]; count: number }>();
  const missing = new Map<number, number>();
  const missingLabels = new Set<number>();
  /** Bytes of the row's text and label: in the file's own bytes unless quotes had to be taken out. */
  const text = { own: undefined as Uint8Array | undefined, start: 0, end: 0, given: false };
  const label = { own: undefined as Uint8Array | undefined, start: 0, end: 0 };

  function keep(place: typeof label, bytes: Uint8Array, field: FieldScan): void {
    place.own = field.escaped ? unescapedField(bytes, field) : undefined;
    place.start = field.escaped ? 0 : field.start;
    place.end = place.own ? place.own.length : field.end;
  }

  function note(remark: Remark, column: number, row: number): void {
    if (remark === 'boolean') {
      const places = booleans.get(column) ?? { rows: [], count: 0 };
      booleans.set(column, places);
      places.count++;
      if (places.rows.length < FIRST_ROWS) places.rows.push(row);
      return;
    }
    if (remark === 'missing') missing.set(column, (missing.get(column) ?? 0) + 1);
    findings.add(remark, column, row);
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
      if (remarks.length > 0) remarks.length = 0;
      text.given = false;
    },
    number(bytes, field, feature) {
      const value = field.escaped ? NaN : decimalOf(bytes, field.start, field.end);
      if (Number.isFinite(value)) return value;
      const remark = Number.isNaN(value) ? remarkOn(bytes, field) : 'outOfRange';
      const isBoolean = typeof remark === 'number';
      remarks.push({ remark: isBoolean ? 'boolean' : remark, column: feature });
      return isBoolean ? remark : NaN;
    },
    text(bytes, field) {
      keep(text, bytes, field);
      text.given = true;
      if (isMissingMarker(text.own ?? bytes, text.start, text.end)) {
        remarks.push({ remark: 'missing', column: 0 });
      }
    },
    label(bytes, field) {
      keep(label, bytes, field);
    },
    commit(bytes, position) {
      const row = writer.rows() + position;
      for (const { remark, column } of remarks) note(remark, column, row);
      if (text.given) writer.appendText(text.own ?? bytes, text.start, text.end);
      const known = labels.size();
      const code = labels.codeOf(label.own ?? bytes, label.start, label.end);
      if (code === known && isMissingMarker(label.own ?? bytes, label.start, label.end)) {
        missingLabels.add(code);
      }
      if (missingLabels.size > 0 && missingLabels.has(code)) findings.add('missing', width, row);
      writer.block().codes[position] = code;
    },
    finish() {
      const rows = writer.rows();
      for (const [column, places] of booleans) {
        // A column of nothing but True and False is 0 and 1; one that also holds numbers is neither.
        if (places.count + (missing.get(column) ?? 0) === rows) continue;
        for (const row of places.rows) findings.add('notNumeric', column, row);
        for (let i = places.rows.length; i < places.count; i++)
          findings.add('notNumeric', column, rows);
      }
    },
  };
}
