import type { DatasetInput } from '../../platform/tracking/dataset-input.ts';
import { metricKeys } from '../../platform/tracking/metric-keys.ts';
import type { Metric } from '../../platform/tracking/run-data.ts';
import type { RunReport } from '../compute/report-run.ts';
import type { LoggedModelRef, LogInput, Measured } from '../../schemas/experiment.ts';

/** Points of the loss curve that MLflow gets; the model's blob has them all. */
const MOST_POINTS = 1000;

/**
 * All metrics of a run. The model's quality has plain names; what is said of the run beside it has a
 * name with a slash, which get_run leaves out. MLflow shows `system/…` on a page of its own.
 * @param options.timestamp the workflow's, so that a repeated attempt writes the very same rows
 */
export function runMetrics(
  input: LogInput,
  logged: LoggedModelRef,
  options: {
    readonly timestamp: number;
    readonly test: DatasetInput;
    readonly report: Omit<RunReport, 'files'>;
  },
): Metric[] {
  const { timestamp, test, report } = options;
  const model = { id: logged.modelId, dataset: { name: test.name, digest: test.digest } };
  const quality = Object.entries(input.evaluation.metrics).map(([key, value]): Metric => ({
    key,
    value,
    timestamp,
    step: 0,
    model,
  }));
  const facts = {
    'baseline/accuracy': report.baselineAccuracy,
    'data/rows': input.dataset.rows,
    'data/train_rows': input.split.trainRows,
    'data/test_rows': input.split.testRows,
    'data/features': input.model.featureCount,
    'training/iterations': input.model.iterations,
    'model/proof_rows': logged.proof.rows,
    'model/proof_different_labels': logged.proof.differentLabels,
    'model/proof_largest_difference': logged.proof.largestDifference,
    ...classMetrics(report.perClass),
    ...usageMetrics(input),
  };
  return [
    ...quality,
    ...lossCurve(report.losses, timestamp),
    ...Object.entries(facts).map(([key, value]): Metric => ({ key, value, timestamp, step: 0 })),
  ];
}

/** Scores by class, under names that MLflow takes. */
function classMetrics(perClass: RunReport['perClass']): Record<string, number> {
  const keys = metricKeys(perClass.map(({ label }) => label));
  const metrics = perClass.flatMap(({ label, precision, recall, f1, support }) =>
    Object.entries({ precision, recall, f1, support }).map(([score, value]) => [
      `class/${keys.get(label) ?? label}/${score}`,
      value,
    ]),
  );
  return Object.fromEntries(metrics) as Record<string, number>;
}

/** Steps that ended before the log step, by name. */
export function endedSteps(input: LogInput): Record<string, Measured> {
  const { validated, run, dataset, split, model, evaluation } = input;
  return {
    validate: validated,
    open: run,
    load: dataset,
    split,
    train: model,
    evaluate: evaluation,
  };
}

function usageMetrics(input: LogInput): Record<string, number> {
  const steps = Object.entries(endedSteps(input));
  const usages = steps.flatMap(([, { usage }]) => usage ?? []);
  const blobs = [input.dataset, input.split, input.model].map(({ blob }) => blob);
  const bytes = [...blobs, input.evaluation.predictions].reduce((sum, blob) => sum + blob.bytes, 0);
  const seconds = steps.flatMap(([step, { usage }]) =>
    usage ? [[`time/${step}_seconds`, usage.seconds]] : [],
  );
  return {
    ...(Object.fromEntries(seconds) as Record<string, number>),
    'system/cpu_seconds': usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    'system/peak_memory_megabytes':
      Math.max(0, ...usages.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
    'system/disk_megabytes': bytes / 2 ** 20,
  };
}

/** Evenly thinned; the first and the last iteration stay. */
function lossCurve(losses: Float64Array, timestamp: number): Metric[] {
  const points = Math.min(losses.length, MOST_POINTS);
  return Array.from({ length: points }, (_, i) => {
    const at = points === 1 ? 0 : Math.round((i * (losses.length - 1)) / (points - 1));
    return { key: 'training/loss', value: losses[at] as number, timestamp, step: at + 1 };
  });
}
