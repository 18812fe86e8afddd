import type { DataType } from './messages.ts';
import { booleans, doubles, integers, strings, type Tensor } from './tensor.ts';

export type LabelValue = number | string | boolean;

/** What the classes of a model are called, in the order of its scores. */
export interface ClassLabels {
  readonly type: 'int' | 'float' | 'bool' | 'string';
  readonly values: readonly LabelValue[];
}

/** A column of a model's input or output, its type in MLflow's words. */
export interface ModelColumn {
  readonly name: string;
  readonly type: 'double' | 'long' | 'boolean' | 'string';
}

/** MLflow's names for the types of tensors that go in and out. */
export const DATA_TYPE_OF_COLUMN = {
  double: 'double',
  long: 'int64',
  boolean: 'bool',
  string: 'string',
} as const satisfies Record<ModelColumn['type'], DataType>;

/** The type that predicted labels have. */
export function labelColumnType({ type }: ClassLabels): ModelColumn['type'] {
  return ({ int: 'long', float: 'double', bool: 'boolean', string: 'string' } as const)[type];
}

/**
 * The labels as a constant tensor [classes].
 * @throws RangeError when a value does not have the type that the labels claim
 */
export function labelTensor({ type, values }: ClassLabels): Tensor {
  switch (type) {
    case 'int':
      return integers(values.map((value) => expectNumber(value, Number.isSafeInteger)));
    case 'float':
      return doubles(values.map((value) => expectNumber(value, Number.isFinite)));
    case 'bool':
      return booleans(values.map((value) => expectType(value, 'boolean') as boolean));
    case 'string':
      return strings(values.map((value) => expectType(value, 'string') as string));
  }
}

function expectNumber(value: LabelValue, isValid: (value: number) => boolean): number {
  if (typeof value === 'number' && isValid(value)) return value;
  throw new RangeError('A class label is not a number of the type that the labels have.');
}

function expectType(value: LabelValue, type: 'boolean' | 'string'): LabelValue {
  if (typeof value === type) return value;
  throw new RangeError(`A class label is not a ${type}.`);
}
