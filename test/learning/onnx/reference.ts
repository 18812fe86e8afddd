import type { ModelColumn, LabelValue } from '../../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../../learning/onnx/onnx-model.ts';
import type { LinearModel } from '../../../learning/trained-model.ts';
import { callPython } from './python.ts';

const SCRIPT = new URL('reference.py', import.meta.url);

export interface FedColumn extends ModelColumn {
  readonly values: readonly (number | string | boolean)[];
}

/** What ONNX Runtime gives back, one entry an output. */
export interface RuntimeAnswer {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly dims: readonly number[];
  readonly values: readonly (readonly LabelValue[])[];
  readonly docs: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether Google's own protobuf writes the same bytes. */
  readonly reserialised: boolean;
}

export interface SklearnAnswer {
  readonly labels: readonly LabelValue[];
  /** [rows][classes] */
  readonly probabilities: readonly (readonly number[])[];
}

/** A text model's numbers as scikit-learn fitted them. */
export interface FittedText {
  readonly terms: readonly string[];
  readonly idf: readonly number[];
  readonly coefficients: readonly number[];
  readonly intercepts: readonly number[];
  readonly labels: readonly LabelValue[];
}

/** Puts one kind of question to the Python script, all of them in one process. */
export async function askReference<T>(op: string, questions: readonly object[]): Promise<T[]> {
  return callPython<T[]>(
    SCRIPT,
    questions.map((question) => ({ op, ...question })),
  );
}

/** Feeds models in ONNX Runtime. */
export async function runModels(
  runs: readonly { model: Pick<OnnxModel, 'bytes'>; columns: readonly FedColumn[] }[],
): Promise<RuntimeAnswer[]> {
  const questions = runs.map(({ model, columns }) => ({
    model: Buffer.from(model.bytes).toString('base64'),
    columns,
    asMatrix: columns.length === 1,
  }));
  return askReference<RuntimeAnswer>('run', questions);
}

/** The greatest difference between probabilities of the runtime and of the reference. */
export function greatestDifference(
  answer: Pick<RuntimeAnswer, 'values'>,
  probabilities: readonly (readonly number[])[],
): number {
  const columns = answer.values.slice(1) as readonly (readonly number[])[];
  return Math.max(
    0,
    ...probabilities.flatMap((row, i) => row.map((p, k) => Math.abs(p - columns[k]![i]!))),
  );
}

/** Plain numbers for JSON. */
export function numbersOf(linear: LinearModel): { coefficients: number[]; intercepts: number[] } {
  return {
    coefficients: Array.from(linear.coefficients),
    intercepts: Array.from(linear.intercepts),
  };
}
