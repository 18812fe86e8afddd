import { createLabelTable, type LabelTable } from '../label-table.ts';
import { isMissingMarker } from './missing-markers.ts';

/** The labels of a CSV file by first appearance, and which of them stand for a missing one. */
export interface LabelCodes extends Pick<LabelTable, 'codeOf' | 'texts'> {
  isMissing(code: number): boolean;
}

export function createLabelCodes(): LabelCodes {
  const table = createLabelTable();
  const missing = new Set<number>();
  return {
    codeOf(bytes, start, end) {
      const known = table.size();
      const code = table.codeOf(bytes, start, end);
      if (code === known && isMissingMarker(bytes, start, end)) missing.add(code);
      return code;
    },
    texts: () => table.texts(),
    isMissing: (code) => missing.size > 0 && missing.has(code),
  };
}
