import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, vi } from 'vitest';

import {
  createReaderPool,
  type ReaderPool,
} from '../../../activities/sources/child/reader-pool.ts';
import { loadConnections, type NamedConnections } from '../../../activities/sources/connections.ts';
import {
  createSourceReader,
  type LoadedDataset,
  type ReadContext,
} from '../../../activities/sources/source-reader.ts';
import { createSealer } from '../../../platform/codec/sealing.ts';
import { createFileStore } from '../../../platform/storage/file-store.ts';
import type { Selection } from '../../../schemas/dataset.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import { LIMITS } from './limits.ts';
import { readDataset } from './read-dataset.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Every reading may have to wait for a process to start, on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

interface Settings {
  readonly dataRoots?: readonly string[];
  readonly connections?: NamedConnections;
  readonly rawConnectionsAllowed?: boolean;
  readonly loopbackAllowed?: boolean;
  readonly pool?: ReaderPool;
}

export type Wish = Partial<Selection> & {
  readonly limits?: Partial<typeof LIMITS>;
  readonly signal?: AbortSignal;
  readonly tenant?: string | undefined;
};

/** A source reader with its own data root, blob store and key, and short ways to use it. */
export async function testReader(settings: Settings = {}) {
  const folder = await temporaryFolder();
  const root = join(folder, 'data');
  await mkdir(root);
  const blobs = createFileStore(join(folder, 'blobs'));
  const sealer = createSealer(randomBytes(32));
  const { pool = createReaderPool() } = settings;
  afterAll(() => pool.close());
  const reader = createSourceReader({
    dataRoots: [root],
    connections: await loadConnections(undefined),
    rawConnectionsAllowed: true,
    loopbackAllowed: true,
    ...settings,
    sealer,
    blobs,
    pool,
  });

  function inContext<T>(
    wish: Wish,
    use: (context: ReadContext, selection: Selection) => Promise<T>,
  ) {
    const { limits, signal = new AbortController().signal, tenant, ...selected } = wish;
    const selection: Selection = { task: 'tabular', target: 'y', features: undefined, ...selected };
    return blobs.withScratch((scratch) =>
      use(
        { scratch, signal, tenant, limits: { ...LIMITS, ...limits }, onProgress: () => undefined },
        selection,
      ),
    );
  }

  return {
    root,
    blobs,
    sealer,
    sql: (connection: string, query: string): StoredSource => ({
      kind: 'sql',
      conn: { sealed: sealer.seal(connection), display: 'a connection' },
      query,
      target: 'y',
    }),
    describe: (source: StoredSource, wish: Wish = {}) =>
      inContext(wish, (context, selection) => reader.describe(source, selection, context)),
    digest: (source: StoredSource, wish: Wish = {}) =>
      inContext(wish, (context) => reader.digest(source, context)),
    load: (source: StoredSource, wish: Wish = {}) =>
      inContext(wish, async (context, selection) => {
        const path = join(context.scratch, 'dataset');
        const loaded: LoadedDataset = await reader.load(source, selection, context, path);
        return { loaded, ...(await readDataset(path)) };
      }),
  };
}
