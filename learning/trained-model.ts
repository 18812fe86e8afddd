/** What a fit leaves behind: everything that predictions need, as plain numbers and strings. */

/**
 * A logistic regression in scikit-learn's layout.
 * `coefficients` is row-major [rows x features]; rows is 1 for two classes (the second class's
 * log-odds) and the number of classes for three or more. `intercepts` has one entry a row.
 */
export interface LinearModel {
  readonly classCount: number;
  readonly featureCount: number;
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

/** A fitted TfidfVectorizer: term i is column i, with its inverse document frequency. */
export interface TfidfModel {
  readonly terms: readonly string[];
  readonly idf: Float64Array;
}

export type TrainedModel =
  | { readonly kind: 'logreg_tabular'; readonly linear: LinearModel }
  | { readonly kind: 'logreg_text'; readonly tfidf: TfidfModel; readonly linear: LinearModel };
