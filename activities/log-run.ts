import { createHash } from 'node:crypto';

import type { MlflowClient } from '../platform/tracking/tracking-types.ts';
import type { LogInput, LoggedRun } from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { loggedParams } from './logged-params.ts';
import { modelFiles } from './model-files.ts';
import { predictionPreview } from './prediction-preview.ts';
import { stepContext } from './step-context.ts';

export interface ArtifactFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * log: artifacts first, in parallel, then params and metrics, which MLflow can't take back. Timestamps
 * come from the workflow, so that a repeated attempt writes the very same rows.
 */
export function createLogRun({ tracking, blobs, compute }: ActivityDependencies) {
  return async (input: LogInput): Promise<LoggedRun> => {
    const { signal, scheduledAt, report } = stepContext();
    const client = tracking(input.request.trackingUri);
    const files = [
      ...(await modelFiles({ blobs, compute }, input, { signal, scheduledAt })),
      await predictionPreview(blobs, input.evaluation.predictions),
    ];
    report(`uploading ${files.length} files`);
    await putAll(client, input.run.artifactUri, files, signal);
    await client.logBatch(
      input.run.runId,
      {
        params: loggedParams(input),
        metrics: Object.entries(input.evaluation.metrics).map(([key, value]) => ({
          key,
          value,
          timestamp: scheduledAt,
          step: 0,
        })),
        tags: resultTags(input),
      },
      { signal },
    );
    return { artifacts: files.map(({ path }) => path) };
  };
}

async function putAll(
  client: MlflowClient,
  artifactUri: string,
  files: readonly ArtifactFile[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    files.map(({ path, bytes }) =>
      client.putArtifact({ artifactUri, path, content: bytes }, { signal }),
    ),
  );
}

function resultTags({ request, dataset, split, model }: LogInput): Record<string, string> {
  const warnings = [...split.warnings, ...model.warnings];
  return {
    [TAGS.datasetHash]: dataset.sourceSha256 ?? dataset.blob.sha256,
    [TAGS.experimentHash]: createHash('sha256')
      .update(
        JSON.stringify([
          dataset.blob.sha256,
          dataset.task,
          request.model,
          Object.entries(request.params).toSorted(),
        ]),
      )
      .digest('hex'),
    'training.converged': String(model.converged),
    'training.iterations': String(model.iterations),
    ...(warnings.length > 0 ? { [TAGS.warnings]: warnings.join('\n') } : {}),
  };
}
