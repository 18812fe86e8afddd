import pLimit from 'p-limit';

import type { CallOptions, MlflowClient } from '../../platform/tracking/tracking-types.ts';

/** A file on its way into MLflow; `path` has '/' between folders. */
export interface ArtifactFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Uploads at once: the client bounds its requests, this bounds the memory for copies. */
const uploads = pLimit(8);

/** Writes files below an artifact URI, of a run or of a model. */
export async function putFiles(
  client: MlflowClient,
  artifactUri: string,
  files: readonly ArtifactFile[],
  options: CallOptions,
): Promise<void> {
  await Promise.all(
    files.map(({ path, bytes }) =>
      uploads(() =>
        client.putArtifact({ artifactUri, path, content: new Uint8Array(bytes) }, options),
      ),
    ),
  );
}
