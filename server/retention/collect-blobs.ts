import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { Garbage } from './plan-collection.ts';
import { sideBySide } from './side-by-side.ts';

export interface Collected {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Removes what a plan names, except for what was written since: that is about to be used. Each is looked at just before,
 * so that a blob of more than an hour would have to be stored again within that very moment.
 */
export async function collectBlobs(
  blobs: BlobStore,
  garbage: readonly Garbage[],
  { before }: { readonly before: number },
): Promise<Collected> {
  const collected = { blobs: 0, bytes: 0 };
  await sideBySide(garbage, async ({ key, bytes }) => {
    if (!(await blobs.removeOlder(key, before))) return;
    collected.blobs += 1;
    collected.bytes += bytes;
  });
  await blobs.sweepScratch();
  return collected;
}
