import { openAsBlob } from 'node:fs';

import { z } from 'zod';

import { artifactFiles, pageToken } from './answer-parts.ts';
import { artifactPath, PROXY } from './artifact-address.ts';
import { writeIntoFolder } from './artifact-folder.ts';
import { artifactSizes } from './artifact-sizes.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { createMultipartUpload } from './multipart-upload.ts';
import type { MultipartOptions } from './multipart-upload.ts';
import { RUN_MISSING } from './runs.ts';
import type { MlflowClient } from './tracking-types.ts';

export interface ArtifactUpload {
  /** The run's, or the LoggedModel's. */
  readonly artifactUri: string;
  /** Where it goes: names between slashes, e.g. `preview/preview.csv`. */
  readonly path: string;
  /** The bytes, or a local file, which is read as a stream. */
  readonly content: Uint8Array<ArrayBuffer> | { readonly file: string };
}

export interface ArtifactEntry {
  readonly path: string;
  readonly isFolder: boolean;
  /** Null for a folder. */
  readonly bytes: number | null;
}

const LIST = '/api/2.0/mlflow/artifacts/list';
const MAX_ARTIFACT_BYTES = 32 * 1024 * 1024;

const listAnswer = z.object({
  files: artifactFiles,
  next_page_token: pageToken,
});
type Entry = z.infer<typeof listAnswer>['files'][number];

const ARTIFACT_MISSING = {
  code: 'MLFLOW_REFUSED',
  message: 'The run has no artifact of this name.',
  hint: 'List the run’s artifacts to see which there are.',
} as const;

/** MLflow answers with a bare 500 when its store's disk is full, and when it may not write there. */
const CANNOT_STORE = {
  code: 'MLFLOW_UNAVAILABLE',
  message: 'MLflow could not store an artifact.',
  hint: 'See in MLflow’s log whether its artifact store is full or cannot be written to; the step tries again by itself.',
} as const;

/**
 * The artifacts of a server's runs and models, through its own proxy.
 * @param options `folder`: the one behind the proxy, where this process can write it: saves uploads
 */
export function createArtifacts(
  http: MlflowHttp,
  options: {
    readonly folder?: string | undefined;
    readonly multipart?: MultipartOptions | undefined;
  },
): Pick<MlflowClient, 'listArtifacts' | 'artifactSizes' | 'putArtifact' | 'getArtifact'> {
  const { folder, multipart = {} } = options;
  const uploadInParts = createMultipartUpload(http, multipart, async (address, signal) =>
    (await artifactSizes(http, [address], signal)).get(address),
  );

  /** One folder's direct children; the root when `below` is empty. */
  async function children(runId: string, below: string, signal?: AbortSignal): Promise<Entry[]> {
    const entries: Entry[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ run_id: runId });
      if (below !== '') query.set('path', below);
      if (token !== undefined) query.set('page_token', token);
      const call = {
        method: 'GET',
        path: `${LIST}?${query.toString()}`,
        repeatable: true,
        signal,
      } as const;
      const page = await http.json({ ...call, missing: RUN_MISSING }, listAnswer);
      entries.push(...page.files);
      token = page.next_page_token;
    } while (token !== undefined && entries.length < 10_000);
    // Only what lies deeper is followed, so that a strange answer cannot lead in circles.
    return entries.filter(({ path }) => below === '' || path.startsWith(`${below}/`));
  }

  return {
    async listArtifacts(runId, { path = '', signal } = {}) {
      const entries = await children(runId, path, signal);
      return entries
        .map((entry) => ({
          path: entry.path,
          isFolder: entry.is_dir,
          bytes: entry.is_dir ? null : entry.file_size,
        }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },

    async putArtifact({ artifactUri, path, content }, { signal } = {}) {
      const address = artifactPath(http.url, artifactUri, path);
      if (folder !== undefined) {
        return writeIntoFolder(folder, decodeURIComponent(address.slice(PROXY.length)), content);
      }
      const raw = content instanceof Uint8Array ? content : await openAsBlob(content.file);
      if (raw instanceof Blob && (await uploadInParts(address, raw, signal))) return;
      const call = { method: 'PUT', path: address, raw, repeatable: true, signal } as const;
      await http.bytes({ ...call, failing: CANNOT_STORE });
    },

    async artifactSizes({ artifactUri, paths }, { signal } = {}) {
      const addresses = paths.map((path) => artifactPath(http.url, artifactUri, path));
      const sizes = await artifactSizes(http, addresses, signal);
      const found = paths.map((path, i) => [path, sizes.get(addresses[i]!)] as const);
      return new Map(found.filter((entry): entry is [string, number] => entry[1] !== undefined));
    },

    async getArtifact({ artifactUri, path }, { maxBytes = MAX_ARTIFACT_BYTES, signal } = {}) {
      return http.bytes({
        method: 'GET',
        path: artifactPath(http.url, artifactUri, path),
        repeatable: true,
        missing: ARTIFACT_MISSING,
        maxBytes,
        signal,
      });
    },
  };
}
