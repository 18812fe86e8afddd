import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { LibraryVersions } from '../../../activities/model-directory/environment-files.ts';
import type { LabelValue } from '../../../learning/onnx/class-labels.ts';
import { callPython } from '../../learning/onnx/python.ts';
import { runModels } from '../../learning/onnx/reference.ts';
import {
  IDENTITY,
  TABULAR_EXAMPLE,
  tabularModel,
  textModel,
  writeDirectory,
} from './sample-models.ts';

const SCRIPT = new URL('mlflow_model.py', import.meta.url);

interface Table {
  readonly columns: Readonly<Record<string, readonly LabelValue[]>>;
  readonly types: Readonly<Record<string, string>>;
}

interface Loaded {
  readonly answers: readonly (Table | { readonly error: string })[];
  readonly example: Table;
  readonly exampleAnswer: Table;
  readonly metadata: { readonly classes: Readonly<Record<string, LabelValue>> };
  readonly inputs: readonly object[];
  readonly outputs: readonly object[];
  readonly runId: string;
}

type Pair<T> = readonly [theirs: T, ours: T];

interface Comparison {
  readonly files: Pair<readonly string[]>;
  readonly model: boolean;
  readonly mlmodel: Pair<Record<string, unknown>>;
  readonly conda: Pair<object>;
  readonly python_env: Pair<object>;
  readonly requirements: Pair<string>;
  readonly example: Pair<object>;
  readonly serving: Pair<object>;
}

const BOOLEAN_COLUMN = 'is "ä" 😀';
const folder = mkdtempSync(join(tmpdir(), 'model-directory-'));
let versions: LibraryVersions;
let tabular: string;
let text: string;

beforeAll(async () => {
  [versions] = await callPython<[LibraryVersions]>(SCRIPT, [{ op: 'versions' }]);
  const example = TABULAR_EXAMPLE;
  tabular = writeDirectory(join(folder, 'tabular'), { model: tabularModel(), example, versions });
  text = writeDirectory(join(folder, 'text'), {
    model: textModel({ type: 'bool', values: [false, true] }),
    example: [['Ab cd\n"é😀'], ['']],
    versions,
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same rows through ONNX Runtime alone, by output. */
async function runAlone(rows: readonly (readonly LabelValue[])[]): Promise<readonly unknown[]> {
  const model = tabularModel();
  const columns = model.inputs.map((input, j) => ({
    ...input,
    values: rows.map((row) => row[j]!),
  }));
  const [answer] = await runModels([{ model, columns }]);
  return answer!.values;
}

describe('a tabular model directory in MLflow', () => {
  const numbers = [1.5, 2, -1e-7];
  const frame = (overrides: Readonly<Record<string, readonly [string, readonly LabelValue[]]>>) =>
    Object.entries({
      label: ['float64', [0, 1, 3]],
      unused: ['float64', [9, 9, 9]],
      [BOOLEAN_COLUMN]: ['bool', [true, false, true]],
      count: ['int64', [2, -1, 0]],
      x: ['float64', numbers],
      ...overrides,
    } as const).map(([name, [dtype, values]]) => ({ name, dtype, values }));
  let loaded: Loaded;

  beforeAll(async () => {
    const frames = [
      frame({}),
      frame({ x: ['float32', [1.5, 2, 4]], count: ['int32', [2, -1, 0]] }),
      frame({ label: ['int32', [0, 1, 3]] }),
      frame({ label: ['int64', [0, 2, 3]] }),
      frame({ count: ['float64', [2, -1, 0]] }),
    ];
    [loaded] = await callPython<[Loaded]>(SCRIPT, [{ op: 'load', path: tabular, frames }]);
  });

  it('predicts a table whose columns are in any order, with columns it does not know', async () => {
    const alone = await runAlone([
      [1.5, 2, true, 0],
      [2, -1, false, 1],
      [-1e-7, 0, true, 3],
    ]);
    const answer = loaded.answers[0] as Table;
    expect(Object.values(answer.columns)).toEqual(alone);
    expect(Object.keys(answer.columns)).toEqual(
      tabularModel().outputs.map((output) => output.name),
    );
  });

  it('widens narrower numbers, and refuses what would lose some', () => {
    expect(loaded.answers[1]).toHaveProperty('columns');
    expect(loaded.answers[2]).toEqual(loaded.answers[0]);
    // MLflow's rule, the reason why a column of integers is declared as long.
    expect(loaded.answers[3]).toEqual({
      error: expect.stringContaining('Can not safely convert int64 to float64') as string,
    });
    expect(loaded.answers[4]).toEqual({
      error: expect.stringContaining('Can not safely convert float64 to int64') as string,
    });
  });

  it('keeps its input example, to the type', async () => {
    expect(loaded.example.types).toEqual({
      x: 'float64',
      count: 'int64',
      [BOOLEAN_COLUMN]: 'bool',
      label: 'float64',
    });
    expect(loaded.example.columns['label']).toEqual([-0, 1e300, 3]);
    const alone = await runAlone(TABULAR_EXAMPLE);
    expect(Object.values(loaded.exampleAnswer.columns)).toEqual(alone);
  });

  it('says what it takes and gives, and which class is which', () => {
    expect(loaded.inputs).toEqual([
      { name: 'x', type: 'double', required: true },
      { name: 'count', type: 'long', required: true },
      { name: BOOLEAN_COLUMN, type: 'boolean', required: true },
      { name: 'label', type: 'double', required: true },
    ]);
    expect(loaded.outputs).toEqual([
      { name: 'predicted_label', type: 'string', required: true },
      { name: 'predicted_probability_0', type: 'double', required: true },
      { name: 'predicted_probability_1', type: 'double', required: true },
      { name: 'predicted_probability_2', type: 'double', required: true },
    ]);
    expect(loaded.metadata.classes).toEqual({
      predicted_probability_0: '=',
      predicted_probability_1: 'no',
      predicted_probability_2: '12:30 é😀\u007f',
    });
    expect(loaded.runId).toBe(IDENTITY.runId);
  });

  it('is served by the scoring server', async () => {
    const body = readFileSync(join(tabular, 'serving_input_example.json'), 'utf8');
    const integers = `{"dataframe_records": [{"x": 1, "count": 2, "is \\"ä\\" 😀": true, "label": 0}]}`;
    const [answers] = await callPython<[{ predictions: Record<string, unknown>[] }[]]>(SCRIPT, [
      { op: 'serve', path: tabular, bodies: [body, integers] },
    ]);
    const names = Object.keys(loaded.exampleAnswer.columns);
    const table = names.map((name) => answers[0]!.predictions.map((row) => row[name]));
    expect(table).toEqual(Object.values(loaded.exampleAnswer.columns));
    const [alone] = await runAlone([[1, 2, true, 0]]);
    expect([answers[1]!.predictions[0]!['predicted_label']]).toEqual(alone);
  });
});

describe('a text model directory in MLflow', () => {
  it('predicts, keeps its example and is served', async () => {
    const texts = ['ab cd', 'AB', 'cd ab ab', ''];
    const body = JSON.stringify({ dataframe_records: texts.map((value) => ({ Größe: value })) });
    const [loaded, served] = await callPython<
      [Loaded, [{ predictions: Record<string, LabelValue>[] }]]
    >(SCRIPT, [
      { op: 'load', path: text, frames: [[{ name: 'Größe', dtype: 'object', values: texts }]] },
      { op: 'serve', path: text, bodies: [body] },
    ]);
    const model = textModel({ type: 'bool', values: [false, true] });
    const columns = [{ ...model.inputs[0]!, values: texts }];
    const [alone] = await runModels([{ model, columns }]);
    const answer = loaded.answers[0] as Table;
    expect(Object.values(answer.columns)).toEqual(alone!.values);
    expect(new Set(answer.columns['label']).size).toBe(2);
    expect(answer.types['label']).toBe('bool');
    expect(loaded.example.columns).toEqual({ Größe: ['Ab cd\n"é😀', ''] });
    expect(loaded.exampleAnswer.columns['label']).toHaveLength(2);
    const names = ['label', 'probability_0', 'probability_1'];
    const table = names.map((name) => served[0].predictions.map((row) => row[name]));
    expect(table).toEqual(alone!.values);
  });
});

describe("MLflow's own save_model", () => {
  it.each(['tabular', 'text'])('writes the same directory (%s)', async (kind) => {
    const path = kind === 'tabular' ? tabular : text;
    const requirements = ['mlflow', 'onnx', 'onnxruntime'].map(
      (name) => `${name}==${versions[name as 'mlflow']}`,
    );
    const [compared] = await callPython<[Comparison]>(SCRIPT, [
      { op: 'save_again', path, requirements },
    ]);
    expect(compared.files[1]).toEqual(compared.files[0]);
    expect(compared.model).toBe(true);
    for (const part of ['conda', 'python_env', 'requirements', 'example', 'serving'] as const) {
      expect(compared[part][1], part).toEqual(compared[part][0]);
    }
    const [theirs, ours] = compared.mlmodel;
    // Ours lies in a run; sizes differ by the blanks in the JSON files.
    const own = { artifact_path: 'model', run_id: IDENTITY.runId };
    const varying = {
      model_uuid: IDENTITY.modelUuid,
      utc_time_created: '2026-11-22 15:04:05.067000',
      model_size_bytes: expect.any(Number) as number,
    };
    expect(ours).toEqual({ ...theirs, ...own, ...varying });
    expect(theirs['utc_time_created']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  });
});
