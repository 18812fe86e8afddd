import type { LinearModel } from '../trained-model.ts';
import { DATA_TYPE_OF_COLUMN, type ClassLabels, type ModelColumn } from './class-labels.ts';
import { GraphBuilder } from './graph-builder.ts';
import { DATA_TYPE } from './messages.ts';
import { modelInterface } from './model-interface.ts';
import { finishModel, type Format, type OnnxModel } from './onnx-model.ts';
import { addPredictions } from './predictions.ts';
import { doubles, integers } from './tensor.ts';

// Old enough for every ONNX Runtime since 1.12 (2022).
const FORMAT: Format = { irVersion: 8, operatorSets: [{ domain: '', version: 17 }] };

/** A numeric column that the model was trained on, as its source stores it. */
export interface FeatureColumn extends ModelColumn {
  readonly type: 'double' | 'long' | 'boolean';
}

export interface TabularExport {
  readonly linear: LinearModel;
  /** [features] in the order of the coefficients. */
  readonly features: readonly FeatureColumn[];
  readonly labels: ClassLabels;
}

/**
 * Exports a logistic regression over columns of numbers. Each column is an input of its own under
 * its own name, [rows] or, where there is one column only, [rows, 1]: so MLflow's wrapper feeds
 * them, whatever mixture of types a table has. Computes in double precision throughout.
 * @throws RangeError when names, labels and coefficients do not fit together
 */
export function tabularModelToOnnx({ linear, features, labels }: TabularExport): OnnxModel {
  if (features.length !== linear.featureCount || features.length === 0) {
    throw new RangeError(`${features.length} features do not fit ${linear.featureCount}.`);
  }
  const face = modelInterface(features, labels, linear);
  const reserved = [...face.inputs, ...face.outputs].map((column) => column.name);
  const graph = GraphBuilder.outer('logistic_regression', reserved);
  const scores = addScores(graph, linear, addColumns(graph, features));
  addPredictions(graph, scores, face);
  return finishModel(graph, face, {
    docString: 'Logistic regression over numeric columns.',
    format: FORMAT,
  });
}

/** @returns the columns below one another as [features, rows], or [rows, 1] for a single one */
function addColumns(graph: GraphBuilder, features: readonly FeatureColumn[]): string {
  const shape = features.length === 1 ? ['rows', 1] : ['rows'];
  const columns = features.map(({ name, type }) => {
    const input = graph.input(name, DATA_TYPE_OF_COLUMN[type], shape);
    return type === 'double'
      ? input
      : graph.add('Cast', [input], { attributes: { to: DATA_TYPE.double } });
  });
  if (columns.length === 1) return columns[0] as string;
  const joined = graph.add('Concat', columns, { attributes: { axis: 0 } });
  const matrix = graph.constant('matrix', integers([features.length, -1]));
  return graph.add('Reshape', [joined, matrix]);
}

/** @returns scores [rows, 1] for two classes, [rows, classes] for more */
function addScores(graph: GraphBuilder, linear: LinearModel, columns: string): string {
  const { coefficients, intercepts, featureCount } = linear;
  const shape = [intercepts.length, featureCount];
  const weights = graph.constant('coefficients', doubles(coefficients, shape));
  const offsets = graph.constant('intercepts', doubles(intercepts));
  const transA = featureCount === 1 ? 0 : 1;
  return graph.add('Gemm', [columns, weights, offsets], { attributes: { transA, transB: 1 } });
}
