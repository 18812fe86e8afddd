import type { LinearModel, TfidfModel } from '../trained-model.ts';
import type { ClassLabels } from './class-labels.ts';
import { addTermCounts } from './count-terms.ts';
import { GraphBuilder } from './graph-builder.ts';
import { addLowerCase } from './lower-case.ts';
import { DATA_TYPE } from './messages.ts';
import { modelInterface } from './model-interface.ts';
import { finishModel, type Format, type OnnxModel } from './onnx-model.ts';
import { addPredictions } from './predictions.ts';
import { addInBatches } from './row-batches.ts';
import { doubles, integers } from './tensor.ts';

// The first operator set with StringConcat and RegexFullMatch: ONNX Runtime 1.17 (2024) or later.
const FORMAT: Format = {
  irVersion: 9,
  operatorSets: [
    { domain: '', version: 20 },
    { domain: 'ai.onnx.ml', version: 3 },
    { domain: 'com.microsoft', version: 1 },
  ],
};

// Scores come from a dense table of counts: 128 rows of 20 000 terms take some 50 MB.
const ROWS_AT_ONCE = 128;

export interface TextExport {
  readonly tfidf: TfidfModel;
  readonly linear: LinearModel;
  readonly labels: ClassLabels;
  /** Name of the model's only input, a column of strings [rows, 1]. */
  readonly inputName?: string;
}

/**
 * Exports scikit-learn's TfidfVectorizer (lower case, words of two characters or more, n-grams,
 * smoothed idf, rows of length one) and the logistic regression on it, double precision but for
 * the counts, as one graph from strings to predictions.
 * @throws RangeError when vocabulary, labels and coefficients do not fit together
 */
export function textModelToOnnx(model: TextExport): OnnxModel {
  const { tfidf, linear, labels, inputName = 'text' } = model;
  const { featureCount } = linear;
  if (tfidf.terms.length !== featureCount || tfidf.idf.length !== featureCount) {
    throw new RangeError(`${tfidf.terms.length} terms do not fit ${featureCount} features.`);
  }
  const face = modelInterface([{ name: inputName, type: 'string' }], labels, linear);
  const graph = GraphBuilder.outer('tfidf_logistic_regression', [
    inputName,
    ...face.outputs.map((column) => column.name),
  ]);
  const input = graph.input(inputName, 'string', ['rows', 1]);
  const texts = graph.add('Reshape', [input, graph.constant('flat', integers([-1]))]);
  const width = linear.intercepts.length;
  const most = graph.constant('rows_at_once', integers([ROWS_AT_ONCE]));
  const scores = addInBatches(graph, texts, { most, width, type: 'double' }, (inner, batch) =>
    addScores(inner, addCounts(inner, batch, tfidf.terms), model),
  );
  addPredictions(graph, scores, face);
  return finishModel(graph, face, {
    docString: 'TF-IDF of words and word pairs, then logistic regression.',
    format: FORMAT,
  });
}

/** Text by text: within a batch, every text is filled up with blanks to the longest one's length. */
function addCounts(graph: GraphBuilder, texts: string, terms: readonly string[]): string {
  const most = graph.constant('one_text', integers([1]));
  const batches = { most, width: terms.length, type: 'float' } as const;
  return addInBatches(graph, texts, batches, (inner, text) =>
    addTermCounts(inner, addLowerCase(inner, text, terms), terms),
  );
}

/**
 * The length of a row is divided out of its scores, not of its features: one pass over the dense
 * counts less, and equal but for rounding. A text without a known term scores the intercepts.
 */
function addScores(graph: GraphBuilder, counts: string, { tfidf, linear }: TextExport): string {
  const shape = [linear.intercepts.length, linear.featureCount];
  const weights = graph.constant('coefficients', doubles(linear.coefficients, shape));
  const offsets = graph.constant('intercepts', doubles(linear.intercepts));
  const idf = graph.constant('idf', doubles(tfidf.idf));
  const exact = graph.add('Cast', [counts], { attributes: { to: DATA_TYPE.double } });
  const weighted = graph.add('Mul', [exact, idf]);
  const squares = graph.add('ReduceSumSquare', [weighted, graph.constant('axis', integers([1]))]);
  const length = graph.add('Sqrt', [squares]);
  const zero = graph.constant('zero', doubles([0]));
  const one = graph.constant('one', doubles([1]));
  const isEmpty = graph.add('Equal', [length, zero]);
  const divisor = graph.add('Where', [isEmpty, one, length]);
  const products = graph.add('Gemm', [weighted, weights], { attributes: { transB: 1 } });
  return graph.add('Add', [graph.add('Div', [products, divisor]), offsets]);
}
