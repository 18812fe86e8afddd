import { fitLogisticRegression } from './logistic-regression/fit.ts';
import type { FitOptions, FitResult } from './logistic-regression/fit.ts';
import type { DenseMatrix } from './matrix/matrix.ts';
import { predict } from './predict/predictions.ts';
import type { Predictions } from './predict/predictions.ts';
import { fitTfidf, transformTfidf } from './tfidf/tfidf.ts';
import type { TrainedModel } from './trained-model.ts';

/** What each kind of model learns from: one entry a row. */
export interface ModelInputs {
  readonly logreg_tabular: DenseMatrix;
  readonly logreg_text: readonly string[];
}

export type ModelKind = TrainedModel['kind'];

export interface Target {
  /** [rows] class of each row as a position among the sorted labels */
  readonly codes: Int32Array;
  readonly classCount: number;
}

/** A trained model and how training went. */
export interface Training<Kind extends ModelKind = ModelKind> {
  readonly model: Extract<TrainedModel, { kind: Kind }>;
  readonly fit: Omit<FitResult, 'linear'>;
  /** Of a text model: distinct terms before the limit, terms kept, and ties at the limit. */
  readonly vocabulary?: {
    readonly distinctTerms: number;
    readonly terms: number;
    readonly tiesAtCut: number;
  };
}

interface ModelEntry<Kind extends ModelKind> {
  /** Fits on training rows. @throws LearningError when the data cannot be learned from */
  fit(input: ModelInputs[Kind], target: Target, options?: FitOptions): Training<Kind>;
  predict(model: Extract<TrainedModel, { kind: Kind }>, input: ModelInputs[Kind]): Predictions;
}

/** Every model the service trains. A new one is an entry here and in `TrainedModel`. */
export const MODELS: { readonly [Kind in ModelKind]: ModelEntry<Kind> } = {
  /** `LogisticRegression(max_iter=1000)` on numeric columns. */
  logreg_tabular: {
    fit(matrix, target, options) {
      const { linear, ...fit } = fitLogisticRegression({ matrix, ...target }, options);
      return { model: { kind: 'logreg_tabular', linear }, fit };
    },
    predict: (model, matrix) => predict(model.linear, matrix),
  },
  /** `TfidfVectorizer(max_features=20000, ngram_range=(1, 2))`, then the same regression. */
  logreg_text: {
    fit(texts, target, options) {
      const { model: tfidf, matrix, distinctTerms, tiesAtCut } = fitTfidf(texts);
      const { linear, ...fit } = fitLogisticRegression({ matrix, ...target }, options);
      return {
        model: { kind: 'logreg_text', tfidf, linear },
        fit,
        vocabulary: { distinctTerms, terms: tfidf.terms.length, tiesAtCut },
      };
    },
    predict: (model, texts) => predict(model.linear, transformTfidf(model.tfidf, texts)),
  },
};
