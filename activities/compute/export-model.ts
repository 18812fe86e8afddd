import type { DenseMatrix } from '../../learning/matrix/matrix.ts';
import type { ClassLabels } from '../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../learning/onnx/onnx-model.ts';
import { tabularModelToOnnx, type FeatureColumn } from '../../learning/onnx/tabular-model.ts';
import { textModelToOnnx } from '../../learning/onnx/text-model.ts';
import type { TrainedModel } from '../../learning/trained-model.ts';
import type { DirectoryFile } from '../model-directory/directory-file.ts';
import type { LibraryVersions } from '../model-directory/environment-files.ts';
import type { ExampleRow, ExampleValue } from '../model-directory/input-example.ts';
import type { ModelIdentity } from '../model-directory/mlmodel.ts';
import { modelDirectory } from '../model-directory/model-directory.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import { provenTypes } from '../feature-types.ts';
import { readModelFile, type ModelMeta } from '../model-file.ts';
import { blockRows, readRows, readSplit } from './dataset-rows.ts';

export interface ExportInput {
  readonly datasetPath: string;
  readonly splitPath: string;
  readonly modelPath: string;
  readonly identity: ModelIdentity;
  readonly versions: LibraryVersions;
  /** How each feature column is declared, in order; double where it is not known. */
  readonly columnTypes: readonly FeatureColumn['type'][];
}

const EXAMPLE_ROWS = 3;

/** The MLflow model directory of a trained model, with the first test rows as its input example. */
export async function exportModel(input: ExportInput): Promise<DirectoryFile[]> {
  const trained = await readModelFile(input.modelPath);
  const { versions, identity } = input;
  const testRows = (await readSplit(input.splitPath, 'test')).subarray(0, EXAMPLE_ROWS);
  const exported = await (trained.model.kind === 'logreg_tabular'
    ? exportTabular(input, trained, testRows)
    : exportText(input, trained, testRows));
  return modelDirectory({ ...exported, versions, identity });
}

interface Exported {
  readonly model: OnnxModel;
  readonly example: readonly ExampleRow[];
}
type Trained = Awaited<ReturnType<typeof readModelFile>>;

async function exportTabular(
  { datasetPath, columnTypes }: ExportInput,
  { model: { linear }, meta }: Trained,
  testRows: Int32Array,
): Promise<Exported> {
  const types = await readTypes(datasetPath, meta.features.length, columnTypes);
  const features = meta.features.map((name, column) => ({ name, type: types[column]! }));
  const { input } = await readRows(datasetPath, testRows);
  const { values, columns } = input as DenseMatrix;
  const cell = (value: number, column: number): ExampleValue =>
    features[column]?.type === 'boolean' ? value !== 0 : value;
  return {
    model: tabularModelToOnnx({ linear, features, labels: labelsOf(meta) }),
    example: Array.from(testRows, (_, row) =>
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

async function exportText(
  { datasetPath }: ExportInput,
  { model, meta }: Trained,
  testRows: Int32Array,
): Promise<Exported> {
  // Only called for a text model, whose dataset holds texts.
  const { tfidf, linear } = model as Extract<TrainedModel, { kind: 'logreg_text' }>;
  const { input } = await readRows(datasetPath, testRows);
  const inputName = meta.features[0] ?? 'text';
  return {
    model: textModelToOnnx({ tfidf, linear, inputName, labels: labelsOf(meta) }),
    example: Array.from(input as readonly string[], (text) => [text]),
  };
}

function labelsOf({ labelType, labels }: ModelMeta): ClassLabels {
  return { type: labelType, values: labels };
}
