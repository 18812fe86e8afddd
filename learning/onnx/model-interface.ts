import type { LinearModel } from '../trained-model.ts';
import { labelColumnType, type ClassLabels, type ModelColumn } from './class-labels.ts';

/** What goes into an exported model and what comes out, by name. */
export interface ModelInterface {
  readonly inputs: readonly ModelColumn[];
  /** The predicted label first, then the probability of each class. */
  readonly outputs: readonly ModelColumn[];
  readonly labelName: string;
  /** [classes] the output that holds the probability of class i. */
  readonly probabilityNames: readonly string[];
  readonly labels: ClassLabels;
}

/**
 * Names the outputs: `label` and `probability_0`, `probability_1`, … in the order of the classes,
 * with `predicted_` in front (as often as it takes) where an input has such a name.
 * @throws RangeError when the labels or the input names do not fit the model
 */
export function modelInterface(
  inputs: readonly ModelColumn[],
  labels: ClassLabels,
  linear: LinearModel,
): ModelInterface {
  checkShape(linear);
  const inputNames = new Set(inputs.map((column) => column.name));
  if (inputNames.size !== inputs.length || inputNames.has('')) {
    throw new RangeError('The names of the model inputs must be distinct and not empty.');
  }
  if (labels.values.length !== linear.classCount) {
    throw new RangeError(`${labels.values.length} labels do not fit ${linear.classCount} classes.`);
  }
  let prefix = '';
  let names = outputNames(prefix, linear.classCount);
  while (names.some((name) => inputNames.has(name))) {
    prefix += 'predicted_';
    names = outputNames(prefix, linear.classCount);
  }
  const [labelName, ...probabilityNames] = names as [string, ...string[]];
  const probabilities = probabilityNames.map((name) => ({ name, type: 'double' }) as const);
  const outputs = [{ name: labelName, type: labelColumnType(labels) }, ...probabilities];
  return { inputs, outputs, labelName, probabilityNames, labels };
}

function outputNames(prefix: string, classCount: number): string[] {
  const probabilities = Array.from({ length: classCount }, (_, i) => `${prefix}probability_${i}`);
  return [`${prefix}label`, ...probabilities];
}

function checkShape({ classCount, featureCount, coefficients, intercepts }: LinearModel): void {
  const rows = classCount === 2 ? 1 : classCount;
  if (classCount < 2 || intercepts.length !== rows || coefficients.length !== rows * featureCount) {
    throw new RangeError('The coefficients do not have the shape that the model claims.');
  }
}
