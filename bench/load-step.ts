import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { createReaderPool } from '../activities/sources/child/reader-pool.ts';
import { loadConnections } from '../activities/sources/connections.ts';
import { createSourceReader } from '../activities/sources/source-reader.ts';
import type { SourceLimits } from '../activities/sources/source-types.ts';
import { createSealer } from '../platform/codec/sealing.ts';
import type { BlobStore } from '../platform/storage/blob-store.ts';
import { createFileStore } from '../platform/storage/file-store.ts';
import { readConfig } from '../schemas/config.ts';
import type { DatasetRef, Selection } from '../schemas/dataset.ts';
import type { StoredSource } from '../schemas/source.ts';

/** The product's load step outside of Temporal, with its standard settings. */
export interface LoadStep {
  readonly blobs: BlobStore;
  readonly limits: SourceLimits;
  /** Reads a source into a dataset and stores it, as activities/load-dataset.ts does. */
  load(source: StoredSource, selection: Selection): Promise<DatasetRef>;
}

/** @param folder where blobs and temporary files go; whoever gives it removes it */
export async function createLoadStep(
  folder: string,
  { dataRoot, stack }: { readonly dataRoot: string; readonly stack: AsyncDisposableStack },
): Promise<LoadStep> {
  const config = readConfig({});
  const limits = {
    maxRows: config.MAX_ROWS,
    maxBytes: config.MAX_SOURCE_BYTES,
    maxColumns: config.MAX_COLUMNS,
    maxClasses: config.MAX_CLASSES,
    queryTimeoutSeconds: config.QUERY_TIMEOUT_SECONDS,
  };
  const blobs = createFileStore(await mkdtemp(join(folder, 'blobs-')));
  const reader = createSourceReader({
    dataRoots: [dataRoot],
    connections: await loadConnections(undefined, {}),
    sealer: createSealer(randomBytes(32)),
    blobs,
    rawConnectionsAllowed: false,
    loopbackAllowed: false,
    pool: createReaderPool({ cacheFolder: join(folder, 'cache') }),
  });
  stack.defer(() => reader.close());
  return {
    blobs,
    limits,
    load: (source, selection) =>
      blobs.withScratch(async (scratch) => {
        const path = join(scratch, 'dataset');
        const { signal } = new AbortController();
        const context = { signal, scratch, limits, onProgress: () => undefined };
        const loaded = await reader.load(source, selection, context, path);
        return { ...loaded, blob: await blobs.putFile('dataset', path) };
      }),
  };
}
