import type { DenseMatrix } from '../../learning/matrix/matrix.ts';
import type { ClassLabels } from '../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../learning/onnx/onnx-model.ts';
import { tabularModelToOnnx, type FeatureColumn } from '../../learning/onnx/tabular-model.ts';
import { textModelToOnnx } from '../../learning/onnx/text-model.ts';
import type { Predictions } from '../../learning/predict/predictions.ts';
import type { TrainedModel } from '../../learning/trained-model.ts';
import type { DirectoryFile } from '../model-directory/directory-file.ts';
import type { LibraryVersions } from '../model-directory/environment-files.ts';
import type { ExampleRow, ExampleValue } from '../model-directory/input-example.ts';
import type { ModelIdentity } from '../model-directory/mlmodel.ts';
import { modelDirectory } from '../model-directory/model-directory.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import { provenTypes } from '../feature-types.ts';
import type { ModelProof } from '../../schemas/experiment.ts';
import { readModelFile, type ModelMeta } from '../model-file.ts';
import { blockRows, readRows, readSplit, type SelectedRows } from './dataset-rows.ts';
import { proveModel } from './prove-model.ts';
import type { ResultPaths } from './tasks.ts';

export interface ExportInput {
  readonly paths: ResultPaths;
  readonly identity: ModelIdentity;
  readonly versions: LibraryVersions;
  /** How each feature column is declared, in order; double where it is not known. */
  readonly columnTypes: readonly FeatureColumn['type'][];
}

export interface ExportedModel {
  readonly files: DirectoryFile[];
  readonly proof: ModelProof;
}

const EXAMPLE_ROWS = 3;
/** Test rows on which the exported model is compared: a split is random, so the first are a sample. */
const PROOF_ROWS = 5000;

/**
 * The MLflow model directory of a trained model, with the first test rows as its input example, and
 * how its predictions compare with the ones that the run was measured by.
 */
export async function exportModel(input: ExportInput): Promise<ExportedModel> {
  const { versions, identity, paths } = input;
  const trained = await readModelFile(paths.model);
  const proofRows = (await readSplit(paths.split, 'test')).subarray(0, PROOF_ROWS);
  const rows = await readRows(paths.dataset, proofRows);
  const { model, example } = await (trained.model.kind === 'logreg_tabular'
    ? exportTabular(input, trained, rows)
    : exportText(trained, rows));
  return {
    files: modelDirectory({ model, example, versions, identity }),
    proof: await proveModel(model, rows, await readPredictions(paths.predictions)),
  };
}

async function readPredictions(path: string): Promise<Predictions> {
  const file = await openArrayFile(path);
  try {
    return {
      codes: await file.int32('predicted'),
      probabilities: await file.float64('probabilities'),
    };
  } finally {
    await file.close();
  }
}

interface Exported {
  readonly model: OnnxModel;
  readonly example: readonly ExampleRow[];
}
type Trained = Awaited<ReturnType<typeof readModelFile>>;

async function exportTabular(
  { paths, columnTypes }: ExportInput,
  { model: { linear }, meta }: Trained,
  rows: SelectedRows,
): Promise<Exported> {
  const types = await readTypes(paths.dataset, meta.features.length, columnTypes);
  const features = meta.features.map((name, column) => ({ name, type: types[column]! }));
  const { values, columns, rows: count } = rows.input as DenseMatrix;
  const cell = (value: number, column: number): ExampleValue =>
    features[column]?.type === 'boolean' ? value !== 0 : value;
  return {
    model: tabularModelToOnnx({ linear, features, labels: labelsOf(meta) }),
    example: Array.from({ length: Math.min(count, EXAMPLE_ROWS) }, (_, row) =>
      Array.from(values.subarray(row * columns, (row + 1) * columns), cell),
    ),
  };
}

async function readTypes(
  datasetPath: string,
  width: number,
  declared: ExportInput['columnTypes'],
): Promise<FeatureColumn['type'][]> {
  const types = Array.from({ length: width }, (_, column) => declared[column] ?? 'double');
  if (types.every((type) => type === 'double')) return types;
  const file = await openArrayFile(datasetPath);
  try {
    return await provenTypes(types, file.float64Pieces('x', width * blockRows(width)));
  } finally {
    await file.close();
  }
}

function exportText({ model, meta }: Trained, rows: SelectedRows): Exported {
  // Only called for a text model, whose dataset holds texts.
  const { tfidf, linear } = model as Extract<TrainedModel, { kind: 'logreg_text' }>;
  const texts = rows.input as readonly string[];
  const inputName = meta.features[0] ?? 'text';
  return {
    model: textModelToOnnx({ tfidf, linear, inputName, labels: labelsOf(meta) }),
    example: texts.slice(0, EXAMPLE_ROWS).map((text) => [text]),
  };
}

function labelsOf({ labelType, labels }: ModelMeta): ClassLabels {
  return { type: labelType, values: labels };
}
