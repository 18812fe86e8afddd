import type { TrackedRun } from '../../../platform/tracking/tracking-types.ts';
import { TAGS } from '../../../schemas/names.ts';

const START = Date.UTC(2026, 10, 22, 20, 0, 0);

/** The id of the n-th run, as long as MLflow's. */
export const runId = (n: number): string => n.toString(16).padStart(32, '0');
export const workflowId = (n: number): string =>
  `experiment-00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A finished run of ours as MLflow holds it, with as many metrics, params and tags as a real one. */
export function trackedRun(n: number, overrides: Partial<TrackedRun> = {}): TrackedRun {
  return {
    runId: runId(n),
    experimentId: '1',
    runName: `logreg_tabular-${n}`,
    status: 'FINISHED',
    deleted: false,
    startTime: START - n * 60_000,
    endTime: START - n * 60_000 + 1234,
    artifactUri: 'mlflow-artifacts:/1/x',
    metrics: { ...metrics(n), 'data/rows': 400, 'training/loss': 0.1, 'time/load_seconds': 0.2 },
    params: params(n),
    tags: {
      [TAGS.workflowId]: workflowId(n),
      [TAGS.codeVersion]: '0.1.0+abc',
      [TAGS.datasetHash]: 'd'.repeat(64),
      'split.sha256': 's'.repeat(64),
    },
    datasets: [],
    modelOutputs: [],
    modelInputs: [],
    ...overrides,
  };
}

function metrics(n: number): Record<string, number> {
  const names = [
    ...['accuracy', 'balanced_accuracy', 'f1_weighted', 'f1_macro', 'precision_weighted'],
    ...['precision_macro', 'recall_weighted', 'recall_macro', 'matthews_correlation'],
    ...['log_loss', 'roc_auc', 'pr_auc'],
  ];
  return Object.fromEntries(names.map((name, i) => [name, 1 / (i + n / 97 + 1.0000137)]));
}

function params(n: number): Record<string, string> {
  return {
    ...{ model: 'logreg_tabular', n_rows: '400', n_features: '3', source_kind: 'file' },
    ...{ target: 'label', features: "['f1', 'f2', 'f3']", C: String(n), max_iter: '1000' },
    ...{ tol: '0.0001', test_size: '0.2', seed: '42', train_rows: '320', test_rows: '80' },
    ...{ classes: '2', penalty: 'l2', solver: 'lbfgs', fit_intercept: 'True' },
  };
}
