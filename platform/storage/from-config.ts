import { join, resolve } from 'node:path';

import type { Config } from '../../schemas/config.ts';
import { createBlobSealing } from './blob-sealing.ts';
import type { BlobStore } from './blob-store.ts';
import { createFileStore } from './file-store.ts';
import { S3_ADDRESS } from './s3-bucket.ts';
import { createS3Store } from './s3-store.ts';

type Settings = Pick<
  Config,
  'blobStore' | 'BLOB_CACHE_BYTES' | 'STATE_DIR' | 'ENCRYPT_BLOBS' | 'payloadKeysFile'
>;

/**
 * The blob store of the settings: a folder, or a bucket in S3.
 * @param options.caching whether copies of what lies in S3 are kept on this machine, for the next step
 * @throws Failure SETUP_FAILED when keys for its encryption are needed and damaged
 */
export async function createBlobStoreFrom(
  config: Settings,
  { caching = false }: { readonly caching?: boolean } = {},
): Promise<BlobStore> {
  const { blobStore: place, BLOB_CACHE_BYTES, STATE_DIR } = config;
  const sealing = await createBlobSealing(config);
  if (!S3_ADDRESS.test(place)) return createFileStore(place, sealing);
  return createS3Store(place, {
    folder: resolve(join(STATE_DIR, 'cache', 'blobs')),
    cacheBytes: caching ? BLOB_CACHE_BYTES : undefined,
    sealing,
  });
}
