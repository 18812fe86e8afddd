import type { BlobStore } from '../../platform/storage/blob-store.ts';
import { tenantOfBlob } from '../../platform/storage/blob-keys.ts';

/** How many bytes a tenant’s blobs take. */
export type KeptBytes = (tenant: string) => Promise<number>;

/** Between two measurements at least so long, and fifty times what the last one took. */
const SELDOM_MILLISECONDS = 30_000;
const PAUSE = 50;

/**
 * Measures the blobs, everybody’s at once, and remembers it: what is written in between counts later.
 */
export function createKeptBytes(
  blobs: Pick<BlobStore, 'entries'>,
  now: () => number = Date.now,
): KeptBytes {
  let known: Promise<ReadonlyMap<string, number>> | undefined;
  let goodUntil = -Infinity;
  async function measured(): Promise<ReadonlyMap<string, number>> {
    const startedAt = now();
    goodUntil = Infinity;
    try {
      return await measure(blobs);
    } catch (error) {
      // It may be back for whoever comes next.
      known = undefined;
      throw error;
    } finally {
      const took = now() - startedAt;
      goodUntil = now() + Math.max(SELDOM_MILLISECONDS, PAUSE * took);
    }
  }
  return async (tenant) => {
    if (!known || now() > goodUntil) known = measured();
    return (await known).get(tenant) ?? 0;
  };
}

async function measure(blobs: Pick<BlobStore, 'entries'>): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  for await (const { key, bytes: size } of blobs.entries('')) {
    const tenant = tenantOfBlob(key);
    bytes.set(tenant, (bytes.get(tenant) ?? 0) + size);
  }
  return bytes;
}
