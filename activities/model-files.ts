import { createHash } from 'node:crypto';

import type { LogInput } from '../schemas/experiment.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { decodeFeatureTypes } from './feature-types.ts';
import type { ArtifactFile } from './log-run.ts';

/** What a user installs to load the model; the versions that its tests ran with. */
const VERSIONS = {
  python: '3.11.7',
  mlflow: '3.17.2',
  onnx: '1.23.2',
  onnxruntime: '1.32.0',
} as const;

const FOLDER = 'model';

/** The files of the run's model, under `model/`: equal for every attempt of the step. */
export async function modelFiles(
  { blobs, compute }: Pick<ActivityDependencies, 'blobs' | 'compute'>,
  { run, validated, dataset, split, model }: LogInput,
  options: { readonly signal: AbortSignal; readonly scheduledAt: number },
): Promise<ArtifactFile[]> {
  return blobs.withFile(dataset.blob, (datasetPath) =>
    blobs.withFile(split.blob, (splitPath) =>
      blobs.withFile(model.blob, async (modelPath) => {
        const files = await compute.run(
          'export',
          {
            ...{ datasetPath, splitPath, modelPath, versions: VERSIONS },
            columnTypes: decodeFeatureTypes(validated.featureTypes),
            identity: {
              runId: run.runId,
              artifactPath: FOLDER,
              modelUuid: uuidOf(run.runId, model.blob.sha256),
              modelId: null,
              utcTimeCreated: new Date(options.scheduledAt),
            },
          },
          { signal: options.signal },
        );
        return files.map(({ path, bytes }) => ({
          path: `${FOLDER}/${path}`,
          bytes: new Uint8Array(bytes),
        }));
      }),
    ),
  );
}

/** The same model of the same run always has the same id. */
function uuidOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 32);
}
