import { createLabelTable, type LabelTable } from '../label-table.ts';
import { isMissingMarker } from './missing-markers.ts';

/** The labels of a CSV file by first appearance; what stands for a missing one has the code -1. */
export type LabelCodes = Pick<LabelTable, 'codeOf' | 'texts'>;

export function createLabelCodes(): LabelCodes {
  const table = createLabelTable();
  /** [texts] the code of each, or -1: whether it stands for a missing label is looked at once. */
  const codes: number[] = [];
  let labels = 0;
  return {
    codeOf(bytes, start, end) {
      const text = table.codeOf(bytes, start, end);
      return (codes[text] ??= isMissingMarker(bytes, start, end) ? -1 : labels++);
    },
    texts: () => table.texts().filter((_, text) => codes[text] !== -1),
  };
}
