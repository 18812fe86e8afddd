import { withFiles } from '../platform/storage/with-files.ts';
import type { LogInput, LoggedModelRef, LoggedRun, ModelProof } from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { experimentHash } from './experiment-hash.ts';
import { putFiles } from './log-run/artifact-files.ts';
import { datasetInputs } from './log-run/dataset-inputs.ts';
import { loggedParams } from './log-run/logged-params.ts';
import { exportModel, openModel, storeModel } from './log-run/logged-model.ts';
import { predictionPreview } from './log-run/prediction-preview.ts';
import { runFacts } from './log-run/run-facts.ts';
import { runMetrics } from './log-run/run-metrics.ts';
import { stepContext } from './step-context.ts';

/**
 * log: the model first, then the report, then datasets, params and metrics, which MLflow can't take
 * back. Timestamps come from the workflow, so that a repeated attempt writes the very same rows.
 */
export function createLogRun(deps: ActivityDependencies) {
  const { tracking, blobs, compute, codeVersion } = deps;
  return async (input: LogInput): Promise<LoggedRun> => {
    const { signal, scheduledAt, report, spend } = stepContext();
    const { run, request, evaluation } = input;
    const client = tracking(request.trackingUri);
    const refs = {
      dataset: input.dataset.blob,
      split: input.split.blob,
      model: input.model.blob,
      predictions: evaluation.predictions,
    };
    return withFiles(blobs, refs, async (paths) => {
      report('storing the model');
      const logged = await openModel(deps, client, input);
      const exported = await exportModel(deps, { input, paths, logged });
      const warnings = modelWarnings(exported.proof);
      const facts = runFacts(deps, input, warnings);
      const [model, { files, ...drawn }] = await Promise.all([
        storeModel(client, run, { logged, ...exported }),
        compute.run(
          'report',
          { paths, metrics: evaluation.metrics, facts },
          { signal, onSpent: spend },
        ),
      ]);
      const artifacts = [await predictionPreview(paths.predictions), ...files];
      const { train, test } = datasetInputs(input);
      report(`uploading ${artifacts.length} files`);
      await Promise.all([
        putFiles(client, run.artifactUri, artifacts, { signal }),
        client.logInputs(run.runId, [train, test], { signal }),
      ]);
      await client.logBatch(
        run.runId,
        {
          params: loggedParams(input),
          metrics: runMetrics(input, model, { timestamp: scheduledAt, test, report: drawn }),
          tags: resultTags(input, { model, warnings, codeVersion }),
        },
        { signal },
      );
      return { artifacts: artifacts.map(({ path }) => path), model, warnings };
    });
  };
}

function modelWarnings(proof: ModelProof): string[] {
  if (proof.passed) return [];
  return [
    `The exported model is marked as failed: of ${proof.rows} test rows it labels ` +
      `${proof.differentLabels} otherwise, and probabilities differ by up to ` +
      `${proof.largestDifference.toPrecision(3)}. The metrics stand; do not deploy the model.`,
  ];
}

function resultTags(
  { request, dataset, split, model }: LogInput,
  logged: { model: LoggedModelRef; warnings: readonly string[]; codeVersion: string },
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
    'split.sha256': split.blob.sha256,
    'model.sha256': model.blob.sha256,
    'training.converged': String(model.converged),
    'training.iterations': String(model.iterations),
    ...(warnings.length > 0 ? { [TAGS.warnings]: warnings.join('\n') } : {}),
  };
}
