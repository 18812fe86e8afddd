import { marginals } from '../../../learning/metrics/confusion-matrix.ts';
import { largestClasses } from '../class-choice.ts';

/** A confusion matrix of bounded size: its sums are those of the whole. */
export interface FoldedMatrix {
  /** The classes shown, by code. */
  readonly codes: readonly number[];
  /** Classes that share the last row and the last column; 0 when there is no such row. */
  readonly others: number;
  readonly size: number;
  /** [size x size] row-major, true by predicted */
  readonly cells: Float64Array;
}

/** Keeps the `limit` classes with the most rows, true and predicted, and sums up the others. */
export function foldMatrix(confusion: Int32Array, classCount: number, limit: number): FoldedMatrix {
  if (classCount <= limit) {
    const codes = Array.from({ length: classCount }, (_, code) => code);
    return { codes, others: 0, size: classCount, cells: Float64Array.from(confusion) };
  }
  const { actual, predicted } = marginals(confusion, classCount);
  const codes = largestClasses(
    actual.map((rows, code) => rows + predicted[code]!),
    limit,
  ).sort((a, b) => a - b);
  const size = codes.length + 1;
  const place = new Int32Array(classCount).fill(codes.length);
  codes.forEach((code, at) => {
    place[code] = at;
  });
  const cells = new Float64Array(size * size);
  confusion.forEach((count, at) => {
    const row = place[Math.floor(at / classCount)]!;
    cells[row * size + place[at % classCount]!]! += count;
  });
  return { codes, others: classCount - codes.length, size, cells };
}
