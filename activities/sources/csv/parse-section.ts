import { isUtf8 } from 'node:buffer';

import { Failure } from '../../../schemas/failure.ts';
import { createCellRemarks } from './cell-remarks.ts';
import { createCsvRowReader, type CsvLayout } from './csv-rows.ts';
import { createLabelCodes } from './label-codes.ts';
import type { RowSink } from './row-sink.ts';
import type { Section, SectionRows } from './section.ts';

/**
 * Reads the rows of a section (of numbers, not of texts) as if the file began with it.
 * @returns undefined when it has to be read in its place: it is not whole rows, or they are wrong
 */
export function parseSection(layout: CsvLayout, section: Section): SectionRows | undefined {
  const { bytes, length, x, codes } = section;
  const block = { capacity: codes.length, x, codes };
  const sink: RowSink = {
    block: () => block,
    rows: () => 0,
    appendText() {
      throw new TypeError('a section has no room for texts');
    },
    labels: createLabelCodes(),
    remarks: createCellRemarks({ add: () => undefined }),
    filled: 0,
    line: 0,
  };
  try {
    if (createCsvRowReader(layout, sink).read(bytes, 0, length) < length) return undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
  if (!isUtf8(bytes.subarray(0, length))) return undefined;
  const { filled: rows, line: lines, labels, remarks } = sink;
  return { rows, lines, labels: labels.texts(), remarks: remarks.counts() };
}
