import { describe, expect, it } from 'vitest';

import type { ClassLabels } from '../../../learning/onnx/class-labels.ts';
import { tabularModelToOnnx, type FeatureColumn } from '../../../learning/onnx/tabular-model.ts';
import { textModelToOnnx } from '../../../learning/onnx/text-model.ts';
import type { LinearModel } from '../../../learning/trained-model.ts';

const linear = (classCount: number, featureCount: number): LinearModel => {
  const outputs = classCount === 2 ? 1 : classCount;
  return {
    classCount,
    featureCount,
    coefficients: Float64Array.from({ length: outputs * featureCount }, (_, i) => i / 3),
    intercepts: Float64Array.from({ length: outputs }, (_, i) => i / 7),
  };
};

const features = (...names: string[]): FeatureColumn[] =>
  names.map((name) => ({ name, type: 'double' }));

const ints = (...values: number[]): ClassLabels => ({ type: 'int', values });

const textModel = (terms: string[], idfs = terms.length) =>
  textModelToOnnx({
    tfidf: { terms, idf: new Float64Array(idfs).fill(1) },
    linear: linear(2, 2),
    labels: ints(0, 1),
  });

describe('exported models', () => {
  it('are the same bytes for the same numbers', () => {
    const tabular = () =>
      tabularModelToOnnx({
        linear: linear(3, 2),
        features: features('a', 'b'),
        labels: ints(1, 2, 3),
      });
    expect(tabular().bytes).toEqual(tabular().bytes);
    expect(textModel(['ab', 'ας']).bytes).toEqual(textModel(['ab', 'ας']).bytes);
  });

  it('differ where a number, a name or a label differs', () => {
    const base = { linear: linear(2, 1), features: features('a'), labels: ints(0, 1) };
    const changed = { ...linear(2, 1), intercepts: Float64Array.of(Number.MIN_VALUE) };
    const files = [
      base,
      { ...base, linear: changed },
      { ...base, features: features('b') },
      { ...base, labels: ints(0, 2) },
    ].map((each) => Buffer.from(tabularModelToOnnx(each).bytes).toString('hex'));
    expect(new Set(files).size).toBe(files.length);
  });

  it('name their outputs after the classes, in order', () => {
    const model = tabularModelToOnnx({
      linear: linear(3, 1),
      features: features('x'),
      labels: { type: 'string', values: ['c', 'a', 'b'] },
    });
    expect(model.outputs).toEqual([
      { name: 'label', type: 'string' },
      { name: 'probability_0', type: 'double' },
      { name: 'probability_1', type: 'double' },
      { name: 'probability_2', type: 'double' },
    ]);
  });

  it('rename their outputs, and inner values, where a feature has such a name', () => {
    const names = ['label', 'predicted_label', 'gemm', 'labels', 'node_label', 'coefficients'];
    const model = tabularModelToOnnx({
      linear: linear(2, names.length),
      features: features(...names),
      labels: ints(0, 1),
    });
    expect(model.outputs.map((output) => output.name)).toEqual([
      'predicted_predicted_label',
      'predicted_predicted_probability_0',
      'predicted_predicted_probability_1',
    ]);
  });
});

describe('what does not fit together', () => {
  const tabular = (
    model: LinearModel,
    names: string[],
    labels: ClassLabels = ints(...Array.from({ length: model.classCount }, (_, i) => i)),
  ) => tabularModelToOnnx({ linear: model, features: features(...names), labels });

  it.each([
    ['too few names', () => tabular(linear(2, 2), ['a'])],
    ['no feature', () => tabular(linear(2, 0), [])],
    ['equal names', () => tabular(linear(2, 2), ['a', 'a'])],
    ['an empty name', () => tabular(linear(2, 1), [''])],
    ['too few labels', () => tabular(linear(3, 1), ['a'], ints(0, 1))],
    ['one class', () => tabular(linear(1, 1), ['a'])],
    ['too few coefficients', () => tabular({ ...linear(2, 1), featureCount: 2 }, ['a', 'b'])],
    ['a fraction among integers', () => tabular(linear(2, 1), ['a'], ints(0, 0.5))],
    ['an integer that is not exact', () => tabular(linear(2, 1), ['a'], ints(0, 2 ** 53))],
    [
      'a number among strings',
      () => tabular(linear(2, 1), ['a'], { type: 'string', values: ['a', 1] }),
    ],
    [
      'a string among booleans',
      () => tabular(linear(2, 1), ['a'], { type: 'bool', values: [false, 'true'] }),
    ],
    [
      'an infinite float',
      () => tabular(linear(2, 1), ['a'], { type: 'float', values: [0, Infinity] }),
    ],
    ['too few terms', () => textModel(['ab'])],
    ['too few idf weights', () => textModel(['ab', 'cd'], 1)],
  ])('is refused: %s', (_, build) => {
    expect(build).toThrow(RangeError);
  });
});
