import type { LabelValue, Selection } from '../../../schemas/dataset.ts';
import type { SelectedColumns } from '../columns.ts';
import type { DatasetWriter } from '../dataset-writer.ts';
import type { ValueLabels } from '../value-labels.ts';
import { tooLong } from './query-failures.ts';

/** Characters of a label: every distinct one stays in memory. */
const LONGEST_LABEL = 1_000;

/** A value as a driver hands it over. */
export type SqlValue = null | number | bigint | string | boolean | Uint8Array;

export interface ValueRowsOptions extends SelectedColumns {
  readonly task: Selection['task'];
  /** [columns] true where the driver hands numbers over as text (decimals, large integers). */
  readonly numbersAsText?: readonly boolean[];
  readonly writer: DatasetWriter;
  readonly labels: ValueLabels;
}

/** Moves rows of driver values into the writer's blocks, for drivers that offer nothing better. */
export interface ValueRows {
  /** @throws Failure BYTE_LIMIT */
  put(row: readonly SqlValue[]): void;
  /** True when the block is full and has to be committed. */
  full(): boolean;
  commit(): Promise<void>;
}

export function createValueRows({
  task,
  features,
  target,
  numbersAsText = [],
  writer,
  labels,
}: ValueRowsOptions): ValueRows {
  const { findings } = writer;
  const width = features.length;
  const encoder = new TextEncoder();
  let filled = 0;

  function number(column: number, value: SqlValue | undefined): number | undefined {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
    if (typeof value === 'string' && numbersAsText[column] === true) return Number(value);
    return undefined;
  }

  function putNumbers(row: readonly SqlValue[], at: number): void {
    const { x } = writer.block();
    for (let feature = 0; feature < width; feature++) {
      const column = features[feature] as number;
      const value = row[column];
      const double = number(column, value);
      if (value === null) findings.add('missing', feature, at);
      else if (double === undefined) findings.add('notNumeric', feature, at);
      else if (!Number.isFinite(double)) findings.add('outOfRange', feature, at);
      else x[filled * width + feature] = double;
    }
  }

  function putText(row: readonly SqlValue[], at: number): void {
    const value = row[features[0] as number];
    if (value === null) findings.add('missing', 0, at);
    else if (typeof value !== 'string') findings.add('notText', 0, at);
    const bytes = encoder.encode(typeof value === 'string' ? value : '');
    writer.appendText(bytes, 0, bytes.length);
  }

  function labelOf(row: readonly SqlValue[], at: number): LabelValue | undefined {
    const value = row[target];
    if (typeof value === 'boolean') return value;
    const double = number(target, value);
    if (double !== undefined) return double;
    if (typeof value === 'string') {
      if (value.length >= LONGEST_LABEL) throw tooLong('label');
      return value;
    }
    findings.add(value === null ? 'missing' : 'notText', width, at);
    return undefined;
  }

  return {
    put(row) {
      const at = writer.rows() + filled;
      if (task === 'text') putText(row, at);
      else putNumbers(row, at);
      const label = labelOf(row, at);
      writer.block().codes[filled] = label === undefined ? -1 : labels.codeOf(label);
      filled++;
    },
    full: () => writer.full(filled),
    async commit() {
      const count = filled;
      filled = 0;
      if (count > 0) await writer.commit(count);
    },
  };
}
