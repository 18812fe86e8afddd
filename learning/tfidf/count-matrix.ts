import type { SparseMatrix } from '../matrix/matrix.ts';
import { shared, sharedInts } from '../parallel/shared-arrays.ts';
import { UNKNOWN } from './token-table.ts';
import type { TokenStream } from './tokenise.ts';
import type { Vocabulary } from './vocabulary.ts';

/** How often each term of the vocabulary occurs in each document: CountVectorizer's matrix. */
export function countMatrix(stream: TokenStream, vocabulary: Vocabulary): SparseMatrix {
  const { tokens, starts } = stream;
  const rows = starts.length - 1;
  const rowStarts = sharedInts(rows + 1);
  const entries = createEntries();
  const occurrences = new Int32Array(vocabulary.columns);
  let present = new Int32Array(1024);
  for (let row = 0; row < rows; row++) {
    const document = tokens.subarray(starts[row], starts[row + 1]);
    if (present.length < 2 * document.length) present = new Int32Array(4 * document.length);
    const distinct = countDocument(document, vocabulary, occurrences, present);
    entries.append(present.subarray(0, distinct).sort(), occurrences);
    rowStarts[row + 1] = entries.size();
  }
  return { kind: 'sparse', rows, columns: vocabulary.columns, rowStarts, ...entries.finish() };
}

/**
 * Counts one document's terms into `occurrences` and lists their columns in `present`.
 * @returns the number of distinct columns
 */
function countDocument(
  document: Int32Array,
  vocabulary: Vocabulary,
  occurrences: Int32Array,
  present: Int32Array,
): number {
  const { unigramColumns, bigrams, bigramColumns } = vocabulary;
  let distinct = 0;
  let previous = UNKNOWN;
  for (const token of document) {
    if (token !== UNKNOWN) {
      const column = unigramColumns[token]!;
      if (column !== UNKNOWN && occurrences[column]!++ === 0) present[distinct++] = column;
      const bigram = previous === UNKNOWN ? UNKNOWN : bigrams.find(previous, token);
      const pairColumn = bigram === UNKNOWN ? UNKNOWN : bigramColumns[bigram]!;
      if (pairColumn !== UNKNOWN && occurrences[pairColumn]!++ === 0) {
        present[distinct++] = pairColumn;
      }
    }
    previous = token;
  }
  return distinct;
}

/** Growing columns and counts; appending resets the counts it has read. */
function createEntries(): {
  append(columns: Int32Array, occurrences: Int32Array): void;
  size(): number;
  finish(): { readonly columnIndices: Int32Array; readonly values: Float64Array };
} {
  let columnIndices = new Int32Array(1 << 14);
  let values = new Float64Array(1 << 14);
  let size = 0;
  return {
    append(columns, occurrences) {
      if (size + columns.length > columnIndices.length) {
        const capacity = Math.max(columnIndices.length * 2, size + columns.length);
        const widerColumns = new Int32Array(capacity);
        widerColumns.set(columnIndices);
        columnIndices = widerColumns;
        const widerValues = new Float64Array(capacity);
        widerValues.set(values);
        values = widerValues;
      }
      for (const column of columns) {
        columnIndices[size] = column;
        values[size++] = occurrences[column]!;
        occurrences[column] = 0;
      }
    },
    size: () => size,
    finish: () => ({
      columnIndices: shared(columnIndices.subarray(0, size)),
      values: shared(values.subarray(0, size)),
    }),
  };
}
