import type { LogInput } from '../../schemas/experiment.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A list as Python prints it: what the mission document's server logs for `features`. */
function pythonList(values: readonly string[]): string {
  return `[${values.map(pythonText).join(', ')}]`;
}

function pythonText(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    // eslint-disable-next-line no-control-regex -- Python escapes them
    .replace(/[\x00-\x1f\x7f]/g, (character) => {
      const code = character.charCodeAt(0).toString(16).padStart(2, '0');
      return ESCAPES[character] ?? `\\x${code}`;
    });
  return quote + escaped + quote;
}

/** What a request can't change, under scikit-learn's names. */
const FIXED = {
  penalty: 'l2',
  solver: 'lbfgs',
  fit_intercept: 'True',
  class_weight: 'None',
  stratify: 'True',
};
const FIXED_OF_TEXT = {
  'tfidf.max_features': '20000',
  'tfidf.ngram_range': '(1, 2)',
  'tfidf.lowercase': 'True',
  'tfidf.norm': 'l2',
  'tfidf.smooth_idf': 'True',
  'tfidf.sublinear_tf': 'False',
  'tfidf.token_pattern': '(?u)\\b\\w\\w+\\b',
};

/** The params of a run: first those of the mission document, then the resolved hyper-parameters. */
export function loggedParams({ request, dataset, model, split }: LogInput): Record<string, string> {
  const { source, params } = request;
  const features = source.kind === 'inline' ? ['text'] : source.features;
  return {
    model: request.model,
    n_rows: String(dataset.rows),
    n_features: String(dataset.task === 'text' ? 1 : model.featureCount),
    source_kind: source.kind,
    target: dataset.target,
    features: features ? pythonList(features) : 'all_except_target',
    C: String(params.C),
    max_iter: String(params.max_iter),
    tol: String(params.tol),
    test_size: String(params.test_size),
    seed: String(params.seed),
    train_rows: String(split.trainRows),
    test_rows: String(split.testRows),
    classes: String(dataset.classCount),
    ...FIXED,
    ...(dataset.task === 'text' ? FIXED_OF_TEXT : {}),
  };
}
