import type { LogInput } from '../../schemas/experiment.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { RunFacts } from '../report/report-input.ts';
import { stepContext } from '../step-context.ts';
import { MODEL_NAME } from './logged-model.ts';
import { endedSteps } from './run-metrics.ts';

/** What the report says of a run beside its numbers. */
export function runFacts(
  { codeVersion, links }: Pick<ActivityDependencies, 'codeVersion' | 'links'>,
  input: LogInput,
  warnings: readonly string[],
): RunFacts {
  const { workflowId, scheduledAt } = stepContext();
  const { request, validated, run, dataset, split, model } = input;
  const { mlflow, temporal } = links.of(workflowId, run);
  const steps = Object.entries(endedSteps(input)).flatMap(([step, { usage }]) =>
    usage ? [{ step, ms: Math.round(usage.seconds * 1000) }] : [],
  );
  return {
    experimentName: request.experimentName,
    runId: run.runId,
    workflowId,
    source: validated.display,
    target: dataset.target,
    rows: dataset.rows,
    trainRows: split.trainRows,
    testRows: split.testRows,
    iterations: model.iterations,
    converged: model.converged,
    params: { ...request.params },
    steps,
    warnings: [...split.warnings, ...model.warnings, ...warnings],
    hashes: {
      source: dataset.sourceSha256 ?? dataset.blob.sha256,
      dataset: dataset.blob.sha256,
      split: split.blob.sha256,
      model: model.blob.sha256,
    },
    versions: { code: codeVersion, node: process.version },
    links: [
      ...(mlflow === null ? [] : [{ name: 'MLflow', url: mlflow }]),
      ...(temporal === null ? [] : [{ name: 'Temporal', url: temporal }]),
    ],
    modelUri: `runs:/${run.runId}/${MODEL_NAME}`,
    caller: request.caller,
    loggedAt: new Date(scheduledAt).toISOString(),
  };
}
