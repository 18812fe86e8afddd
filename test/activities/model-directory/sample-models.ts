import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { ClassLabels } from '../../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../../learning/onnx/onnx-model.ts';
import { tabularModelToOnnx } from '../../../learning/onnx/tabular-model.ts';
import { textModelToOnnx } from '../../../learning/onnx/text-model.ts';
import {
  modelDirectory,
  type ModelDirectoryRequest,
} from '../../../activities/model-directory/model-directory.ts';

export const VERSIONS = {
  python: '3.12.1',
  mlflow: '3.17.2',
  onnx: '1.23.2',
  onnxruntime: '1.32.0',
};

export const IDENTITY = {
  runId: '0123456789abcdef0123456789abcdef',
  artifactPath: 'model',
  modelUuid: 'fedcba9876543210fedcba9876543210',
  modelId: null,
  utcTimeCreated: new Date(Date.UTC(2026, 10, 22, 15, 4, 5, 67)),
};

/** Columns of each type, in the way of MLflow's own names, with labels that YAML would misread. */
export function tabularModel(): OnnxModel {
  return tabularModelToOnnx({
    linear: {
      classCount: 3,
      featureCount: 4,
      coefficients: Float64Array.of(1, -0.5, 2, 0.1, -1, 0.25, 0, -0.2, 0.5, 0.5, -1, 0.3),
      intercepts: Float64Array.of(0.1, -0.2, 0.1),
    },
    features: [
      { name: 'x', type: 'double' },
      { name: 'count', type: 'long' },
      { name: 'is "ä" 😀', type: 'boolean' },
      { name: 'label', type: 'double' },
    ],
    labels: { type: 'string', values: ['=', 'no', '12:30 é😀\u007f'] },
  });
}

export const TABULAR_EXAMPLE = [
  [1.5, 2, true, -0],
  [2, -1, false, 1e300],
  [-1e-7, 0, true, 3],
] as const;

export function textModel(labels: ClassLabels): OnnxModel {
  const terms = ['ab', 'ab cd', 'cd', 'İx'.toLowerCase().slice(2)];
  const outputs = labels.values.length === 2 ? 1 : labels.values.length;
  return textModelToOnnx({
    tfidf: { terms, idf: Float64Array.of(1, 1.5, 2, 2.5) },
    linear: {
      classCount: labels.values.length,
      featureCount: terms.length,
      coefficients: Float64Array.from({ length: outputs * terms.length }, (_, i) =>
        Math.cos(9 * i),
      ),
      intercepts: Float64Array.from({ length: outputs }, (_, i) => i / 10 - 0.1),
    },
    labels,
    inputName: 'Größe',
  });
}

/** Writes the files of a model directory below `path`. */
export function writeDirectory(
  path: string,
  request: Pick<ModelDirectoryRequest, 'model' | 'example'> & Partial<ModelDirectoryRequest>,
): string {
  const files = modelDirectory({ versions: VERSIONS, identity: IDENTITY, ...request });
  for (const file of files) {
    mkdirSync(dirname(join(path, file.path)), { recursive: true });
    writeFileSync(join(path, file.path), file.bytes);
  }
  return path;
}
