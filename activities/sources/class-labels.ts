import { compareCodePoints } from '../../learning/labels/code-point-order.ts';
import type { LabelType, LabelValue } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { shownName } from './shown-name.ts';

/** Labels by first appearance, before they are ordered; values may repeat (“1” and “01” in a CSV file). */
export interface RawLabels {
  readonly values: readonly LabelValue[];
  /** Given when the source declares it: then 1 and 2 of a float column stay floats. */
  readonly type?: LabelType;
}

export interface ClassLabels {
  readonly labelType: LabelType;
  /** Distinct labels in numpy.unique's order. */
  readonly labels: readonly LabelValue[];
  /** [raw labels] position of each raw label in `labels`. */
  readonly positions: Int32Array;
  /** [labels] rows of each class. */
  readonly rows: readonly number[];
}

/**
 * Orders labels as numpy.unique does; those that belong together are one class.
 * @param counts [raw labels] rows that carry each raw label
 * @throws Failure MIXED_LABELS, INVALID_REQUEST, VALUE_OUT_OF_RANGE, or TOO_MANY_CLASSES for fractions
 */
export function orderLabels(
  raw: RawLabels,
  counts: readonly number[],
  target: string,
): ClassLabels {
  const types = new Set(raw.values.map((value) => typeof value));
  if (types.size > 1) {
    throw new Failure(
      'MIXED_LABELS',
      `The labels in ${shownName(target)} mix ${[...types].sort().join(' and ')} values.`,
      'Give all labels the same type.',
    );
  }
  const labelType = raw.type ?? typeOf(raw.values);
  if (labelType === 'string') checkTexts(raw.values, target);
  else checkNumbers(raw.values, target, labelType);
  const labels = [...new Set(raw.values)].sort(compareLabels);
  const position = new Map(labels.map((label, index) => [label, index]));
  const positions = Int32Array.from(raw.values, (value) => position.get(value) as number);
  const rows = labels.map(() => 0);
  positions.forEach((index, code) => {
    rows[index] = (rows[index] as number) + (counts[code] ?? 0);
  });
  return { labelType, labels, positions, rows };
}

/** The failure for a target with more distinct values than classes are allowed. */
export function tooManyClasses(target: string, maxClasses: number, continuous: boolean): Failure {
  return new Failure(
    'TOO_MANY_CLASSES',
    `The target ${shownName(target)} has more than ${maxClasses} distinct values.`,
    continuous
      ? 'It looks like a quantity, not a class: bin it, or name another target.'
      : 'It looks like an identifier or free text: name the column with the class labels.',
  );
}

function typeOf(values: readonly LabelValue[]): LabelType {
  if (typeof values[0] === 'string') return 'string';
  if (typeof values[0] === 'boolean') return 'bool';
  return values.every((value) => Number.isInteger(value)) ? 'int' : 'float';
}

/** A lone surrogate has no UTF-8: two labels would become one in the model and in the preview. */
function checkTexts(values: readonly LabelValue[], target: string): void {
  if (values.every((value) => String(value).isWellFormed())) return;
  throw new Failure(
    'INVALID_REQUEST',
    `A label in ${shownName(target)} is not well-formed Unicode.`,
    'Give labels without lone surrogates.',
  );
}

/** scikit-learn takes a float for a class when an int64 can hold it. */
const BEYOND_INT64 = 2 ** 63;

function checkNumbers(values: readonly LabelValue[], target: string, type: LabelType): void {
  for (const value of values) {
    if (typeof value !== 'number') return;
    const exact =
      type === 'float'
        ? value >= -BEYOND_INT64 && value < BEYOND_INT64
        : Number.isSafeInteger(value);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !exact)) {
      throw new Failure(
        'VALUE_OUT_OF_RANGE',
        `A label in ${shownName(target)} is not finite or too large to be told from its neighbours.`,
        'Use smaller numbers, or texts, as labels.',
      );
    }
    if (!Number.isInteger(value)) {
      throw new Failure(
        'TOO_MANY_CLASSES',
        `The target ${shownName(target)} holds fractions, which are quantities and not classes.`,
        'Bin it, or name a target whose values are classes.',
      );
    }
  }
}

function compareLabels(a: LabelValue, b: LabelValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return Number(a) - Number(b);
}

/**
 * Checks that a classifier can learn the classes.
 * @throws Failure TOO_MANY_CLASSES, ONE_CLASS or CLASS_TOO_SMALL
 */
export function checkClasses(
  { labels, rows, labelType }: ClassLabels,
  { target, maxClasses }: { readonly target: string; readonly maxClasses: number },
): void {
  if (labels.length > maxClasses) {
    throw tooManyClasses(target, maxClasses, labelType === 'int' || labelType === 'float');
  }
  if (labels.length === 1) {
    throw new Failure(
      'ONE_CLASS',
      `The target ${shownName(target)} holds the same label in every row.`,
      'A classifier needs rows of at least two classes.',
    );
  }
  const small = rows.filter((count) => count < 2).length;
  if (small > 0) {
    throw new Failure(
      'CLASS_TOO_SMALL',
      `Of the ${labels.length} classes in ${shownName(target)}, ${small} have only one row.`,
      'Give every class at least two rows, one to train and one to test, or drop the class.',
    );
  }
}
