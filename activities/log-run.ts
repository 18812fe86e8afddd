import { withFiles } from '../platform/storage/with-files.ts';
import type { LoggedModelRef, LoggedRun, LogInput } from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { RunReport } from './compute/report-run.ts';
import { testBytes } from './compute/memory-estimates.ts';
import type { ResultPaths } from './compute/tasks.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { experimentHash } from './experiment-hash.ts';
import { putFiles } from './log-run/artifact-files.ts';
import { datasetInputs } from './log-run/dataset-inputs.ts';
import { loggedParams } from './log-run/logged-params.ts';
import { logModel } from './log-run/logged-model.ts';
import { predictionPreview } from './log-run/prediction-preview.ts';
import { runFacts } from './log-run/run-facts.ts';
import { runMetrics } from './log-run/run-metrics.ts';
import { stepContext } from './step-context.ts';

/**
 * log: the model and the report, then datasets, params and metrics, which MLflow can't take back.
 * Timestamps come from the workflow, so that a repeated attempt writes the very same rows.
 */
export function createLogRun(deps: ActivityDependencies) {
  const { tracking, blobs, codeVersion } = deps;
  return async (input: LogInput): Promise<LoggedRun> => {
    const { signal, scheduledAt, report } = stepContext();
    const { run, request, evaluation } = input;
    const client = tracking(request.trackingUri);
    const refs = {
      dataset: input.dataset.blob,
      split: input.split.blob,
      model: input.model.blob,
      predictions: evaluation.predictions,
    };
    return withFiles(blobs, refs, async (paths) => {
      report({ message: 'storing the model, drawing the report' });
      const draw = (warnings: readonly string[]) => drawReport(deps, { input, paths, warnings });
      // Drawn while the model is stored, as nearly every model passes its proof.
      const [{ model, warnings }, hopeful] = await Promise.all([
        logModel(deps, client, { input, paths }),
        draw([]),
      ]);
      const { files, ...findings } = warnings.length === 0 ? hopeful : await draw(warnings);
      const artifacts = [await predictionPreview(paths.predictions), ...files];
      const { train, test } = datasetInputs(input);
      report({ message: `uploading ${artifacts.length} files` });
      await Promise.all([
        putFiles(client, run.artifactUri, artifacts, { signal }),
        client.logInputs(run.runId, [train, test], { signal }),
      ]);
      await client.logBatch(
        run.runId,
        {
          params: loggedParams(input),
          metrics: runMetrics(input, model, { timestamp: scheduledAt, test, report: findings }),
          tags: resultTags(input, { model, warnings, codeVersion, reportFiles: files.length }),
        },
        { signal },
      );
      return { artifacts: artifacts.map(({ path }) => path), model, warnings };
    });
  };
}

function drawReport(
  deps: ActivityDependencies,
  { input, paths, warnings }: { input: LogInput; paths: ResultPaths; warnings: readonly string[] },
): Promise<RunReport> {
  const { signal, spend } = stepContext();
  const { dataset, split, model } = input;
  const { metrics } = input.evaluation;
  const facts = runFacts(deps, input, warnings);
  return deps.compute.run(
    'report',
    { paths, metrics, facts },
    { signal, memoryBytes: testBytes(dataset, split, model), onSpent: spend },
  );
}

function resultTags(
  { request, dataset, split, model }: LogInput,
  logged: {
    model: LoggedModelRef;
    warnings: readonly string[];
    codeVersion: string;
    reportFiles: number;
  },
): Record<string, string> {
  const warnings = [...split.warnings, ...model.warnings, ...logged.warnings];
  const ofData = dataset.sourceSha256 ?? dataset.blob.sha256;
  return {
    [TAGS.datasetHash]: ofData,
    [TAGS.experimentHash]: experimentHash(request, {
      dataset: ofData,
      codeVersion: logged.codeVersion,
    }),
    [TAGS.modelId]: logged.model.modelId,
    [TAGS.modelBytes]: String(logged.model.bytes),
    [TAGS.reportFiles]: String(logged.reportFiles),
    'split.sha256': split.blob.sha256,
    'model.sha256': model.blob.sha256,
    'training.converged': String(model.converged),
    'training.iterations': String(model.iterations),
    ...(warnings.length > 0 ? { [TAGS.warnings]: warnings.join('\n') } : {}),
  };
}
