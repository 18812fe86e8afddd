import type { ModelColumn } from '../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../learning/onnx/onnx-model.ts';
import { tabularModelToOnnx, type FeatureColumn } from '../../learning/onnx/tabular-model.ts';
import { textModelToOnnx } from '../../learning/onnx/text-model.ts';
import type { DirectoryFile } from '../model-directory/directory-file.ts';
import type { LibraryVersions } from '../model-directory/environment-files.ts';
import type { ExampleRow, ExampleValue } from '../model-directory/input-example.ts';
import type { ModelIdentity } from '../model-directory/mlmodel.ts';
import { modelDirectory } from '../model-directory/model-directory.ts';
import { openArrayFile } from '../../platform/storage/array-file.ts';
import { provenType } from '../feature-types.ts';
import { readModelFile, type ModelMeta } from '../model-file.ts';
import { readRows, readSplit } from './dataset-rows.ts';

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
  const { model, meta } = await readModelFile(input.modelPath);
  const labels = { type: meta.labelType, values: meta.labels };
  const { linear } = model;
  const onnx: OnnxModel =
    model.kind === 'logreg_tabular'
      ? tabularModelToOnnx({ linear, labels, features: await featureColumns(input, meta) })
      : textModelToOnnx({
          linear,
          labels,
          tfidf: model.tfidf,
          inputName: meta.features[0] ?? 'text',
        });
  return modelDirectory({
    model: onnx,
    example: await exampleRows(input, onnx.inputs),
    versions: input.versions,
    identity: input.identity,
  });
}

async function featureColumns(
  { datasetPath, columnTypes }: ExportInput,
  { features }: ModelMeta,
): Promise<FeatureColumn[]> {
  const file = await openArrayFile(datasetPath);
  const values = await file.float64('x').finally(() => file.close());
  return features.map((name, column) => ({
    name,
    type: provenType(columnTypes[column] ?? 'double', values, { column, width: features.length }),
  }));
}

async function exampleRows(
  { datasetPath, splitPath }: ExportInput,
  columns: readonly ModelColumn[],
): Promise<ExampleRow[]> {
  const testRows = (await readSplit(splitPath, 'test')).subarray(0, EXAMPLE_ROWS);
  const { input } = await readRows(datasetPath, testRows);
  if (!('kind' in input)) return Array.from(input, (text) => [text]);
  const { values, columns: width } = input;
  const cell = (value: number, column: ModelColumn | undefined): ExampleValue =>
    column?.type === 'boolean' ? value !== 0 : value;
  return Array.from(testRows, (_row, i) =>
    Array.from(values.subarray(i * width, (i + 1) * width), (value, j) => cell(value, columns[j])),
  );
}
