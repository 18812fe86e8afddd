import type { DatasetWriter } from '../dataset-writer.ts';
import type { CellRemarks } from './cell-remarks.ts';
import type { LabelCodes } from './label-codes.ts';

/** Where rows go while they are read. */
export interface RowSink extends Pick<DatasetWriter, 'block' | 'rows' | 'appendText'> {
  readonly labels: LabelCodes;
  readonly remarks: CellRemarks;
  /** Rows in the block. */
  filled: number;
  /** Physical line of the file at which the next row begins. */
  line: number;
}
