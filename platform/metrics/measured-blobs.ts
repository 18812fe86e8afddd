import { stat } from 'node:fs/promises';

import type { BlobStore } from '../storage/blob-store.ts';
import type { BlobMetrics } from './blob-metrics.ts';

/** The same store, which counts the bytes that go in and out. */
export function measuredBlobs(store: BlobStore, metrics: BlobMetrics | undefined): BlobStore {
  if (!metrics) return store;
  return {
    ...store,
    async putBytes(name, bytes) {
      const ref = await store.putBytes(name, bytes);
      metrics.moved('written', ref.bytes);
      return ref;
    },
    async putFile(name, path) {
      const ref = await store.putFile(name, path);
      metrics.moved('written', ref.bytes);
      return ref;
    },
    withFile: (ref, use) =>
      store.withFile(ref, (path) => {
        metrics.moved('read', ref.bytes);
        return use(path);
      }),
    async getBytes(ref) {
      const bytes = await store.getBytes(ref);
      metrics.moved('read', bytes.byteLength);
      return bytes;
    },
    async replace(key, path) {
      const { size } = await stat(path);
      await store.replace(key, path);
      metrics.moved('written', size);
    },
    withReplaceable: (key, use) =>
      store.withReplaceable(key, async (path) => {
        if (path !== null) metrics.moved('read', (await stat(path)).size);
        return use(path);
      }),
  };
}
