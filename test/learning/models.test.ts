import { describe, expect, it } from 'vitest';
import { evaluate } from '../../learning/metrics/evaluate.ts';
import { denseMatrix } from '../../learning/matrix/matrix.ts';
import { selectRows } from './reference/select-rows.ts';
import { MODELS } from '../../learning/models.ts';
import { createRandomState } from '../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';

describe('logreg_tabular', () => {
  it("reaches the mission document's metrics on its demo data", () => {
    const random = createRandomState(42);
    const features = denseMatrix(random.randn(400 * 3), 400, 3);
    const noise = random.randn(400);
    const codes = Int32Array.from(noise, (error, i) => {
      const [x1, x2, x3] = features.values.subarray(3 * i, 3 * i + 3);
      return 0.8 * x1! + 0.3 * x2! - 0.2 * x3! + 0.2 * error > 0 ? 1 : 0;
    });
    const { train, test } = stratifiedSplit({ codes, classCount: 2, testSize: 0.2, seed: 42 });
    const codesOf = (rows: Int32Array): Int32Array => rows.map((row) => codes[row]!);

    const target = { codes: codesOf(train), classCount: 2 };
    const training = MODELS.logreg_tabular.fit(selectRows(features, train), target);
    expect(training.fit.converged).toBe(true);
    const predictions = MODELS.logreg_tabular.predict(training.model, selectRows(features, test));
    const { metrics } = evaluate(codesOf(test), predictions, 2);
    expect(metrics['accuracy']).toBe(0.925);
    expect(metrics['f1_weighted']).toBe(0.9246212121212121);
  });
});

describe('logreg_text', () => {
  const texts = ['good film', 'bad film', 'very good', 'very bad', 'so good film', 'so bad'];
  const target = { codes: Int32Array.of(1, 0, 1, 0, 1, 0), classCount: 2 };

  it('learns which words go with which class', () => {
    const { model, vocabulary, fit } = MODELS.logreg_text.fit(texts, target);
    expect(fit.converged).toBe(true);
    expect(vocabulary).toEqual({
      distinctTerms: model.tfidf.terms.length,
      terms: model.tfidf.terms.length,
      tiesAtCut: 0,
    });
    const { codes, probabilities } = MODELS.logreg_text.predict(model, ['good', 'BAD!', 'unheard']);
    expect([...codes.subarray(0, 2)]).toEqual([1, 0]);
    // Nothing known about it: the class shares decide.
    expect(probabilities[5]).toBeCloseTo(0.5, 1);
  });

  it('passes progress and parameters on', () => {
    const seen: number[] = [];
    const { fit } = MODELS.logreg_text.fit(texts, target, {
      params: { max_iter: 1 },
      onIteration: ({ iteration }) => seen.push(iteration),
    });
    expect(fit).toMatchObject({ iterations: 1, converged: false });
    expect(seen).toEqual([1]);
  });
});
