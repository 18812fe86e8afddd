import { LearningError } from '../learning-error.ts';
import { compareCodePoints } from './code-point-order.ts';

export type Label = string | number | boolean | bigint;

export interface EncodedLabels {
  /** The distinct labels in numpy's order: classes_ of a scikit-learn classifier. */
  readonly classes: readonly Label[];
  /** [rows] position of each row's label in `classes`. */
  readonly codes: Int32Array;
  /** [classes] rows of each class. */
  readonly counts: Int32Array;
}

/**
 * Encodes a label column as `numpy.unique(labels, return_inverse=True)`: numbers by value, false
 * before true, strings by code point.
 * @param labels [rows] an array or a typed array
 * @throws LearningError 'mixed-label-types' when types differ, 'not-finite' for NaN or an
 *   infinity, 'continuous-labels' for fractions (scikit-learn's classifiers refuse those too)
 */
export function encodeLabels(labels: ArrayLike<Label>): EncodedLabels {
  const firstSeen = new Map<Label, number>();
  const arrival = new Int32Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    let position = firstSeen.get(label);
    if (position === undefined) {
      position = firstSeen.size;
      firstSeen.set(label, position);
    }
    arrival[row] = position;
  }
  const distinct = [...firstSeen.keys()];
  checkTypes(distinct);
  const classes = distinct.toSorted(compareLabels);
  const codeOf = new Int32Array(classes.length);
  classes.forEach((label, code) => {
    codeOf[firstSeen.get(label)!] = code;
  });
  const codes = arrival.map((position) => codeOf[position]!);
  return { classes, codes, counts: countCodes(codes, classes.length) };
}

/** How many rows carry each code from 0 to classCount - 1. */
export function countCodes(codes: Int32Array, classCount: number): Int32Array {
  const counts = new Int32Array(classCount);
  for (const code of codes) counts[code] = counts[code]! + 1;
  return counts;
}

function checkTypes(distinct: readonly Label[]): void {
  const types = new Set(distinct.map((label) => typeof label));
  if (types.size > 1) {
    throw new LearningError('mixed-label-types', 'The labels mix several types of value.', {
      types: types.size,
    });
  }
  for (const label of distinct) {
    if (typeof label !== 'number') return;
    if (!Number.isFinite(label)) {
      throw new LearningError('not-finite', 'A label is not a finite number.');
    }
    if (!Number.isInteger(label)) {
      throw new LearningError('continuous-labels', 'The labels are fractions, not classes.');
    }
  }
}

function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
