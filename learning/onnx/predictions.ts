import { DATA_TYPE_OF_COLUMN, labelColumnType, labelTensor } from './class-labels.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { ModelInterface } from './model-interface.ts';
import { doubles, integers } from './tensor.ts';

/**
 * Turns scores [rows, 1] (two classes) or [rows, classes] into the model's outputs, each of one
 * dimension: MLflow's wrapper puts all outputs into one table, which a matrix would break.
 * As scikit-learn does: two classes by the sign of the score (zero is the first class) and the
 * logistic function; more by the first greatest score and the softmax.
 */
export function addPredictions(
  graph: GraphBuilder,
  scores: string,
  model: Pick<ModelInterface, 'labelName' | 'probabilityNames' | 'labels'>,
): void {
  const { labelName, probabilityNames, labels } = model;
  const position =
    labels.values.length === 2
      ? addBinary(graph, scores, probabilityNames)
      : addMultinomial(graph, scores, probabilityNames);
  const labelValues = graph.constant('labels', labelTensor(labels));
  graph.add('Gather', [labelValues, position], { as: labelName });
  const labelType = DATA_TYPE_OF_COLUMN[labelColumnType(labels)];
  graph.output(labelName, labelType, ['rows'], 'The predicted class.');
  probabilityNames.forEach((name, i) => {
    const doc = `The probability of class ${JSON.stringify(labels.values[i])}.`;
    graph.output(name, 'double', ['rows'], doc);
  });
}

/** @returns the value that holds the position of the predicted class, [rows] */
function addBinary(graph: GraphBuilder, scores: string, names: readonly string[]): string {
  const flat = graph.constant('flat', integers([-1]));
  const score = graph.add('Reshape', [scores, flat]);
  const second = graph.add('Sigmoid', [score], { as: names[1] as string });
  const one = graph.constant('one', doubles([1]));
  graph.add('Sub', [one, second], { as: names[0] as string });
  const zero = graph.constant('zero', doubles([0]));
  const isSecond = graph.add('Greater', [score, zero]);
  const no = graph.constant('first_class', integers([0]));
  const yes = graph.constant('second_class', integers([1]));
  return graph.add('Where', [isSecond, yes, no]);
}

/** @returns as {@link addBinary} */
function addMultinomial(graph: GraphBuilder, scores: string, names: readonly string[]): string {
  const probabilities = graph.add('Softmax', [scores], { attributes: { axis: 1 } });
  names.forEach((name, i) => {
    const column = graph.constant('class', integers([i], []));
    graph.add('Gather', [probabilities, column], { attributes: { axis: 1 }, as: name });
  });
  return graph.add('ArgMax', [scores], { attributes: { axis: 1, keepdims: 0 } });
}
