import { beforeAll, describe, expect, it } from 'vitest';

import { predict } from '../../../learning/predict/predictions.ts';
import { denseMatrix } from '../../../learning/matrix/matrix.ts';
import type { ClassLabels } from '../../../learning/onnx/class-labels.ts';
import type { OnnxModel } from '../../../learning/onnx/onnx-model.ts';
import { tabularModelToOnnx, type FeatureColumn } from '../../../learning/onnx/tabular-model.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import type { LinearModel } from '../../../learning/trained-model.ts';
import {
  askReference,
  greatestDifference,
  numbersOf,
  runModels,
  type RuntimeAnswer,
  type SklearnAnswer,
} from './reference.ts';

const ROWS = 300;
// Names that values inside the graph would like to have, and other awkward ones.
const ODD_NAMES = ['gemm', 'coefficients', 'é "x"\n', ' '];

interface Case {
  readonly name: string;
  readonly types: readonly FeatureColumn['type'][];
  readonly labels: ClassLabels;
}

const doubles = (count: number) => Array<'double'>(count).fill('double');
const many = Array.from({ length: 200 }, (_, i) => `class ${i}`);

const CASES: readonly Case[] = [
  { name: 'two int classes', types: doubles(5), labels: { type: 'int', values: [-3, 7] } },
  { name: 'two bool classes', types: doubles(2), labels: { type: 'bool', values: [false, true] } },
  { name: 'two string classes', types: doubles(3), labels: { type: 'string', values: ['', 'é'] } },
  { name: 'float classes', types: doubles(4), labels: { type: 'float', values: [-1, 0, 2] } },
  { name: 'one feature', types: ['double'], labels: { type: 'int', values: [0, 1] } },
  { name: 'one long feature', types: ['long'], labels: { type: 'int', values: [0, 1, 2] } },
  { name: 'one boolean feature', types: ['boolean'], labels: { type: 'int', values: [0, 1] } },
  {
    name: 'mixed types',
    types: ['double', 'long', 'boolean', 'long'],
    labels: { type: 'string', values: ['no', 'off', '😀'] },
  },
  { name: '200 classes', types: doubles(20), labels: { type: 'string', values: many } },
  { name: '300 features', types: doubles(300), labels: { type: 'int', values: [0, 1, 2] } },
];

interface Outcome {
  readonly model: OnnxModel;
  readonly linear: LinearModel;
  readonly rows: readonly (readonly number[])[];
  runtime: RuntimeAnswer;
  sklearn: SklearnAnswer;
}

function setUp({ types, labels }: Case, seed: number): Omit<Outcome, 'runtime' | 'sklearn'> {
  const random = createRandomState(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.random())) * Math.cos(6.283 * random.random());
  const classCount = labels.values.length;
  const outputs = classCount === 2 ? 1 : classCount;
  const linear = {
    classCount,
    featureCount: types.length,
    coefficients: Float64Array.from({ length: outputs * types.length }, normal),
    intercepts: Float64Array.from({ length: outputs }, () => normal() / 10),
  };
  const value = (type: FeatureColumn['type']): number =>
    type === 'double'
      ? 3 * normal()
      : type === 'long'
        ? Math.round(10 * normal())
        : +(normal() > 0);
  const rows = Array.from({ length: ROWS }, () => types.map(value));
  const features = types.map((type, i) => ({ name: ODD_NAMES[i] ?? `x ${i} (${type})`, type }));
  return { model: tabularModelToOnnx({ linear, features, labels }), linear, rows };
}

const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  const set = CASES.map((each, i) => ({ each, ...setUp(each, 100 + i) }));
  const runtime = await runModels(
    set.map(({ each, model, rows }) => ({
      model,
      columns: model.inputs.map((input, j) => ({
        ...input,
        values: rows.map((row) => (each.types[j] === 'boolean' ? row[j] === 1 : row[j]!)),
      })),
    })),
  );
  const sklearn = await askReference<SklearnAnswer>(
    'tabular',
    set.map(({ each, linear, rows }) => ({
      ...numbersOf(linear),
      labels: each.labels.values,
      rows,
    })),
  );
  set.forEach(({ each, ...rest }, i) => {
    outcomes.set(each.name, { ...rest, runtime: runtime[i]!, sklearn: sklearn[i]! });
  });
});

describe.each(CASES)('a tabular model with $name', ({ name, labels, types }) => {
  it('predicts what scikit-learn predicts', () => {
    const { runtime, sklearn } = outcomes.get(name)!;
    expect(runtime.values[0]).toEqual(sklearn.labels);
    expect(new Set(sklearn.labels).size).toBeGreaterThan(1);
    expect(greatestDifference(runtime, sklearn.probabilities)).toBeLessThan(1e-12);
  });

  it('predicts what we predict', () => {
    const { linear, rows, runtime } = outcomes.get(name)!;
    const matrix = denseMatrix(Float64Array.from(rows.flat()), ROWS, types.length);
    const { codes, probabilities } = predict(linear, matrix);
    expect(runtime.values[0]).toEqual(Array.from(codes, (code) => labels.values[code]));
    const table = rows.map((_, i) =>
      Array.from(probabilities.subarray(i * labels.values.length, (i + 1) * labels.values.length)),
    );
    expect(greatestDifference(runtime, table)).toBeLessThan(1e-12);
  });

  it('has one output of one dimension for the label and for each class', () => {
    const { model, runtime } = outcomes.get(name)!;
    const type = { int: 'int64', float: 'double', bool: 'bool', string: 'string' }[labels.type];
    const probabilities = labels.values.map((_, i) => `probability_${i}`);
    expect(runtime.names).toEqual(['label', ...probabilities]);
    expect(runtime.types).toEqual([
      `tensor(${type})`,
      ...probabilities.map(() => 'tensor(double)'),
    ]);
    expect(runtime.dims).toEqual(runtime.names.map(() => 1));
    expect(model.outputs.map((output) => output.name)).toEqual(runtime.names);
  });

  it('says which class each probability is of', () => {
    const { runtime } = outcomes.get(name)!;
    const classes = JSON.parse(runtime.metadata['classes']!) as Record<string, unknown>;
    expect(Object.values(classes)).toEqual(labels.values);
    labels.values.forEach((value, i) => {
      expect(runtime.docs[i + 1]).toContain(JSON.stringify(value));
    });
  });

  it('is written as protobuf itself writes it', () => {
    expect(outcomes.get(name)!.runtime.reserialised).toBe(true);
  });
});

describe('a decision that is a tie', () => {
  it('goes to the first class, as in scikit-learn', async () => {
    const linear = (classCount: number, coefficients: number[]): LinearModel => ({
      classCount,
      featureCount: 2,
      coefficients: Float64Array.from(coefficients),
      intercepts: new Float64Array(classCount === 2 ? 1 : classCount),
    });
    const features = ['a', 'b'].map((name) => ({ name, type: 'double' }) as const);
    const values = ['first', 'second', 'third'];
    const models = [linear(2, [1, -1]), linear(3, [-1, -1, 1, 0, 0, 1])].map((each) =>
      tabularModelToOnnx({
        linear: each,
        features,
        labels: { type: 'string', values: values.slice(0, each.classCount) },
      }),
    );
    const columns = features.map((feature) => ({ ...feature, values: [2, 0, -0, 1e300] }));
    const answers = await runModels(models.map((model) => ({ model, columns })));
    expect(answers[0]!.values[0]).toEqual(['first', 'first', 'first', 'first']);
    expect(answers[0]!.values[2]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(answers[1]!.values[0]).toEqual(['second', 'first', 'first', 'second']);
  });
});

describe('extreme values', () => {
  it('give probabilities of 0 and 1, and never NaN', async () => {
    const features = [{ name: 'x', type: 'double' }] as const;
    const binary = tabularModelToOnnx({
      linear: {
        classCount: 2,
        featureCount: 1,
        coefficients: Float64Array.of(1),
        intercepts: Float64Array.of(0),
      },
      features,
      labels: { type: 'int', values: [0, 1] },
    });
    const triple = tabularModelToOnnx({
      linear: {
        classCount: 3,
        featureCount: 1,
        coefficients: Float64Array.of(1, 0, -1),
        intercepts: Float64Array.of(0, 0, 0),
      },
      features,
      labels: { type: 'int', values: [0, 1, 2] },
    });
    const columns = [{ ...features[0], values: [-1e308, -750, 750, 1e308] }];
    const [two, three] = await runModels([binary, triple].map((model) => ({ model, columns })));
    expect(two!.values).toEqual([
      [0, 0, 1, 1],
      [1, 1, 0, 0],
      [0, 0, 1, 1],
    ]);
    expect(three!.values[0]).toEqual([2, 2, 0, 0]);
    expect(three!.values[1]).toEqual([0, 0, 1, 1]);
    expect(three!.values[3]).toEqual([1, 1, 0, 0]);
  });
});

describe('a table without rows', () => {
  it('gives outputs without rows', async () => {
    const { model } = setUp(CASES[7]!, 1);
    const columns = model.inputs.map((input) => ({ ...input, values: [] }));
    const [answer] = await runModels([{ model, columns }]);
    expect(answer!.values).toEqual([[], [], [], []]);
  });
});
