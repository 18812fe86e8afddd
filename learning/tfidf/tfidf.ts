import { naturalLog } from '../arithmetic/natural-log.ts';
import { LearningError } from '../learning-error.ts';
import type { SparseMatrix } from '../matrix/matrix.ts';
import type { TfidfModel } from '../trained-model.ts';
import { countMatrix } from './count-matrix.ts';
import { countTerms } from './count-terms.ts';
import { TokenTable } from './token-table.ts';
import { tokenise } from './tokenise.ts';
import { chooseVocabulary, readVocabulary } from './vocabulary.ts';

/** Terms that a vocabulary keeps: the mission document's `max_features`. */
export const MAX_FEATURES = 20_000;

export interface TfidfFit {
  readonly model: TfidfModel;
  /** [documents x terms] weights of the documents fitted on */
  readonly matrix: SparseMatrix;
  /** Distinct terms before the limit. */
  readonly distinctTerms: number;
  /** See `ChosenVocabulary.tiesAtCut`. */
  readonly tiesAtCut: number;
}

/**
 * `TfidfVectorizer(max_features=…, ngram_range=(1, 2)).fit_transform`: single tokens and pairs of
 * neighbours, idf = ln((1 + documents) / (1 + documents with the term)) + 1, rows of unit length.
 * @throws LearningError 'empty-vocabulary' when no document holds a token
 */
export function fitTfidf(
  documents: readonly string[],
  maxFeatures: number = MAX_FEATURES,
): TfidfFit {
  const tokens = new TokenTable();
  const stream = tokenise(documents, tokens, true);
  if (tokens.size === 0) {
    throw new LearningError('empty-vocabulary', 'No text holds a word of two or more characters.', {
      documents: documents.length,
    });
  }
  const counts = countTerms(stream, tokens.size);
  const chosen = chooseVocabulary(counts, tokens, maxFeatures);
  const matrix = countMatrix(stream, chosen.vocabulary);
  const idf = inverseDocumentFrequencies(matrix);
  weigh(matrix, idf);
  return {
    model: { terms: chosen.terms, idf },
    matrix,
    distinctTerms: chosen.distinctTerms,
    tiesAtCut: chosen.tiesAtCut,
  };
}

/** `TfidfVectorizer.transform`: [documents x terms]; a document without known terms is all zero. */
export function transformTfidf(model: TfidfModel, documents: readonly string[]): SparseMatrix {
  const vocabulary = readVocabulary(model.terms);
  const stream = tokenise(documents, vocabulary.tokens, false);
  const matrix = countMatrix(stream, vocabulary);
  weigh(matrix, model.idf);
  return matrix;
}

function inverseDocumentFrequencies({ rows, columns, columnIndices }: SparseMatrix): Float64Array {
  const documentsWith = new Int32Array(columns);
  for (const column of columnIndices) documentsWith[column]! += 1;
  return Float64Array.from(documentsWith, (df) => naturalLog((rows + 1) / (df + 1)) + 1);
}

/** Turns counts into weights in place: times idf, each row divided by its Euclidean norm. */
function weigh({ rows, rowStarts, columnIndices, values }: SparseMatrix, idf: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    const end = rowStarts[row + 1]!;
    let squares = 0;
    for (let at = rowStarts[row]!; at < end; at++) {
      const weight = values[at]! * idf[columnIndices[at]!]!;
      values[at] = weight;
      squares += weight * weight;
    }
    const norm = Math.sqrt(squares);
    for (let at = rowStarts[row]!; at < end; at++) values[at]! /= norm;
  }
}
