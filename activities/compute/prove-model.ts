import { InferenceSession, Tensor } from 'onnxruntime-node';

import type { Predictions } from '../../learning/predict/predictions.ts';
import type { OnnxModel } from '../../learning/onnx/onnx-model.ts';
import type { ModelProof } from '../../schemas/experiment.ts';
import type { SelectedRows } from './dataset-rows.ts';

/** Probabilities that differ by more are another model's. */
const TOLERANCE = 1e-6;

/**
 * Runs an exported model in ONNX Runtime on rows whose predictions are known, and compares.
 * @param rows the first rows of `expected`
 */
export async function proveModel(
  model: OnnxModel,
  { input }: Pick<SelectedRows, 'input'>,
  expected: Predictions,
): Promise<ModelProof> {
  const session = await InferenceSession.create(model.bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Errors only: it would warn on stderr of nodes that it can do better.
    logSeverityLevel: 3,
  });
  try {
    const rows = Array.isArray(input) ? input.length : (input as { rows: number }).rows;
    const outputs = await session.run(feedsOf(model, input, rows));
    const labels = outputs[model.labelName]!.data as ArrayLike<unknown>;
    const known = model.labels.values.map(comparable);
    const classCount = known.length;
    let differentLabels = 0;
    let largestDifference = 0;
    for (let row = 0; row < rows; row++) {
      if (comparable(labels[row]) !== known[expected.codes[row]!]) differentLabels++;
    }
    model.probabilityNames.forEach((name, k) => {
      const probabilities = outputs[name]!.data as Float64Array;
      for (let row = 0; row < rows; row++) {
        const difference = probabilities[row]! - expected.probabilities[row * classCount + k]!;
        // A NaN is the largest difference of all.
        if (!(Math.abs(difference) <= largestDifference)) largestDifference = Math.abs(difference);
      }
    });
    if (Number.isNaN(largestDifference)) largestDifference = 1;
    const passed = differentLabels === 0 && largestDifference <= TOLERANCE;
    return { rows, differentLabels, largestDifference, passed };
  } finally {
    await session.release();
  }
}

/** Labels come back as bigint, 0 and 1, numbers or strings. */
const comparable = (label: unknown): string =>
  typeof label === 'boolean' ? String(Number(label)) : String(label);

function feedsOf(
  { inputs }: OnnxModel,
  input: SelectedRows['input'],
  rows: number,
): Record<string, Tensor> {
  if (Array.isArray(input)) {
    return { [inputs[0]!.name]: new Tensor('string', input as string[], [rows, 1]) };
  }
  const { values, columns } = input as Extract<SelectedRows['input'], { kind: 'dense' }>;
  const shape = inputs.length === 1 ? [rows, 1] : [rows];
  const column = (at: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => values[row * columns + at]!);
  return Object.fromEntries(
    inputs.map(({ name, type }, at) => [name, columnTensor(type, column(at), shape)]),
  );
}

function columnTensor(
  type: OnnxModel['inputs'][number]['type'],
  values: Float64Array,
  shape: readonly number[],
): Tensor {
  if (type === 'long') return new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
  if (type === 'boolean') return new Tensor('bool', Uint8Array.from(values), shape);
  return new Tensor('float64', values, shape);
}
