import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { createBlobCache, type BlobCache } from './blob-cache.ts';
import type { BlobSealing } from './blob-sealing.ts';
import type { BlobStore } from './blob-store.ts';
import { createBlobsIn } from './blobs-in-objects.ts';
import { checkedKey, folderOf, type ObjectStore } from './object-store.ts';
import { bucketAt, statusOf, type Bucket } from './s3-bucket.ts';
import { isNoObject, s3Failure } from './s3-failure.ts';
import { createScratchFolders, type ScratchFolders } from './scratch-folders.ts';

/** Several parts are in memory at once. S3 takes no smaller ones than 5 MiB, and at most 10 000. */
const PART_BYTES = 8 << 20;
const PARTS_AT_ONCE = 3;
const MOST_PARTS = 10_000;
/** The SDK repeats requests, but not what breaks off while an answer's body comes. */
const DOWNLOAD_TRIES = 3;

export interface S3StoreOptions {
  /** On a disk of this machine: scratch, and copies of blobs. Others may use it, too. */
  readonly folder: string;
  /** Copies that are kept for the next step, in bytes; none when left out. */
  readonly cacheBytes?: number | undefined;
  readonly sealing?: BlobSealing | undefined;
  /** How long S3 may keep silent. */
  readonly idleMs?: number;
}

/** A blob store below s3://bucket/prefix. Whoever loses the local folder loses nothing. */
export function createS3Store(address: string, options: S3StoreOptions): BlobStore {
  const { folder, cacheBytes: maxBytes, sealing, idleMs } = options;
  const scratch = createScratchFolders(folder);
  const cache =
    maxBytes === undefined ? undefined : createBlobCache({ folder: scratch.own, maxBytes });
  const objects = createS3Objects(bucketAt(address, idleMs), { scratch, cache });
  return createBlobsIn(objects, { scratch, sealing });
}

function createS3Objects(
  bucket: () => Promise<Bucket>,
  { scratch, cache }: { scratch: ScratchFolders; cache: BlobCache | undefined },
): ObjectStore {
  const explained = async <T>(work: (bucket: Bucket) => Promise<T>): Promise<T> => {
    try {
      return await work(await bucket());
    } catch (error) {
      throw s3Failure(error);
    }
  };
  const fetch = (key: string) => (path: string) => explained((from) => download(from, key, path));

  return {
    async put(key, path, constancy) {
      checkedKey(key);
      await explained((into) => upload(into, key, path));
      if (cache && constancy === 'fixed') return cache.adopt(key, path);
      await rm(path);
      return undefined;
    },
    async withFile(key, constancy, use) {
      checkedKey(key);
      if (cache && constancy === 'fixed') return cache.withFile(key, fetch(key), use);
      return scratch.withFolder(async (folder) => {
        const path = join(folder, 'blob');
        return use((await fetch(key)(path)) ? path : null);
      });
    },
    renew: async (key) => (await cache?.drop(key)) ?? false,
    async remove(key) {
      checkedKey(key);
      await cache?.drop(key);
      await explained(async ({ sdk, client, name, prefix }) => {
        await client.send(new sdk.DeleteObjectCommand({ Bucket: name, Key: prefix + key }));
      });
    },
    changedAt: (key) =>
      explained(async ({ sdk, client, name, prefix }) => {
        const object = { Bucket: name, Key: prefix + checkedKey(key) };
        try {
          return (await client.send(new sdk.HeadObjectCommand(object))).LastModified?.getTime();
        } catch (error) {
          if (isNoObject(error)) return undefined;
          throw error;
        }
      }),
    async *entries(below) {
      folderOf(below);
      for (let token: string | undefined; ;) {
        const page = await explained(({ sdk, client, name, prefix }) =>
          client.send(
            new sdk.ListObjectsV2Command({
              ...{ Bucket: name, Prefix: prefix + below },
              ...(token !== undefined && { ContinuationToken: token }),
            }),
          ),
        );
        const { prefix } = await bucket();
        for (const { Key = '', Size: bytes = 0, LastModified } of page.Contents ?? []) {
          yield { key: Key.slice(prefix.length), bytes, changedAt: LastModified?.getTime() ?? 0 };
        }
        token = page.NextContinuationToken;
        if (!page.IsTruncated || token === undefined) return;
      }
    },
  };
}

/** In parts, where it is longer than one; a failure takes back what was sent of them. */
async function upload(into: Bucket, key: string, path: string): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage');
  const { size } = await stat(path);
  const partSize = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
  await new Upload({
    client: into.client,
    params: { Bucket: into.name, Key: into.prefix + key, Body: createReadStream(path) },
    ...{ partSize, queueSize: PARTS_AT_ONCE },
  }).done();
}

/** @returns false when there is no such object */
async function download(
  { sdk, client, name, prefix }: Bucket,
  key: string,
  path: string,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      const object = new sdk.GetObjectCommand({ Bucket: name, Key: prefix + key });
      const { Body } = await client.send(object);
      await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600 }));
      return true;
    } catch (error) {
      if (isNoObject(error)) return false;
      // What S3 has refused, the SDK has asked for often enough.
      if (statusOf(error) !== undefined || tries === DOWNLOAD_TRIES) throw error;
    }
  }
}
