import type * as SDK from '@aws-sdk/client-s3';

import { Failure } from '../../schemas/failure.ts';
import { bucketAt, causeOf, statusOf, type Bucket } from '../storage/s3-bucket.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { missingCheckpoint } from './missing-checkpoint.ts';

const DAY_MS = 86_400_000;
/** Two writers of one name at the same moment: S3 asks the second to try again. */
const TRIES = 5;

/**
 * Objects below s3://bucket/prefix; see {@link bucketAt}.
 * @param options.lockDays so long each object is locked in compliance mode; not at all for 0. Then what was
 *   written first under a name counts, whatever was put over it
 */
export function createS3Store(
  address: string,
  { lockDays, now = Date.now }: { readonly lockDays: number; readonly now?: () => number },
): CheckpointStore {
  const open = bucketAt(address);
  const explained = async <T>(work: (bucket: Bucket) => Promise<T>): Promise<T> => {
    try {
      return await work(await open());
    } catch (error) {
      throw error instanceof Failure ? error : unusable(address, lockDays, error);
    }
  };

  /** Name and id of the first version of each object, the names sorted. */
  async function firstVersions({ sdk, client, name: bucket, prefix }: Bucket, below: string) {
    const first = new Map<string, { readonly id: string | undefined; readonly time: number }>();
    const input = { Bucket: bucket, Prefix: prefix + below };
    for (let marker = {}; ;) {
      const page = await client.send(new sdk.ListObjectVersionsCommand({ ...input, ...marker }));
      for (const { Key = '', VersionId: id, LastModified } of page.Versions ?? []) {
        const time = LastModified?.getTime() ?? 0;
        const name = Key.slice(prefix.length);
        // Listed from the latest to the earliest: of two in one second the later listed is the earlier.
        if (time <= (first.get(name)?.time ?? Infinity)) first.set(name, { id, time });
      }
      if (!page.IsTruncated) return first;
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  }

  async function currentNames(from: Bucket, below: string): Promise<string[]> {
    const { sdk, client, name: bucket, prefix } = from;
    const names: string[] = [];
    const input = { Bucket: bucket, Prefix: prefix + below };
    for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, input)) {
      names.push(...Contents.map(({ Key = '' }) => Key.slice(prefix.length)));
    }
    return names;
  }

  return {
    put: (name, text) =>
      explained((into) =>
        putOnce(into, {
          ...{
            Bucket: into.name,
            Key: into.prefix + name,
            Body: text,
            ContentType: 'application/json',
          },
          ...{ IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256' },
          ...(lockDays > 0 && {
            ObjectLockMode: 'COMPLIANCE',
            ObjectLockRetainUntilDate: new Date(now() + lockDays * DAY_MS),
          }),
        }),
      ),
    list: (below) =>
      explained(async (from) => {
        const names =
          lockDays > 0
            ? [...(await firstVersions(from, below)).keys()]
            : await currentNames(from, below);
        return names.filter((name) => name.endsWith('.json')).sort();
      }),
    get: (name) =>
      explained(async (from) => {
        const version = lockDays > 0 ? (await firstVersions(from, name)).get(name)?.id : undefined;
        const object = {
          Bucket: from.name,
          Key: from.prefix + name,
          ...(version && { VersionId: version }),
        };
        try {
          const { Body } = await from.client.send(new from.sdk.GetObjectCommand(object));
          return (await Body?.transformToString()) ?? '';
        } catch (error) {
          throw statusOf(error) === 404 ? missingCheckpoint(name, error) : error;
        }
      }),
  };
}

async function putOnce({ sdk, client }: Bucket, input: SDK.PutObjectCommandInput): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.send(new sdk.PutObjectCommand(input));
      return;
    } catch (error) {
      if (statusOf(error) === 412) return;
      if (statusOf(error) !== 409 || tries === TRIES) throw error;
    }
  }
}

function unusable(address: string, lockDays: number, cause: unknown): Failure {
  const lock =
    lockDays > 0
      ? ', object lock is on for the bucket, and s3:PutObjectRetention and s3:ListBucketVersions are allowed'
      : '';
  return new Failure(
    'AUDIT_UNAVAILABLE',
    `The audit’s checkpoints at ${address} can’t be reached: ${causeOf(cause)}.`,
    `See that the bucket exists, that AWS_REGION and credentials are set (AWS_ENDPOINT_URL, too, where it is not Amazon’s), that they allow s3:PutObject, s3:GetObject and s3:ListBucket${lock}.`,
    { cause },
  );
}
