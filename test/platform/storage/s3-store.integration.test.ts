import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { createBlobSealing } from '../../../platform/storage/blob-sealing.ts';
import type { BlobStore } from '../../../platform/storage/blob-store.ts';
import { createS3Store, type S3StoreOptions } from '../../../platform/storage/s3-store.ts';
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { startS3Server, type S3Server } from '../../support/s3-server.ts';
import { describeBlobStore } from './blob-store-contract.ts';

const Bucket = `blobs-${randomUUID()}`;
const BELOW = 'some/prefix/';

let s3: S3Server;
let admin: S3Client;
let proxy: FaultProxy;
/** Fresh for each test: the machine's disk, and what its keys begin with. */
let disk: string;
let prefix: string;

beforeAll(async () => {
  s3 = await startS3Server(inject('python'));
  Object.assign(process.env, s3.environment);
  admin = new S3Client({ forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket }));
  proxy = await startFaultProxy({ target: s3.environment['AWS_ENDPOINT_URL']!, keepHost: true });
  process.env['AWS_ENDPOINT_URL'] = proxy.url;
  // Where there are no credentials, nobody asks Amazon's machines for them.
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
});
beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), 's3-store-'));
  prefix = `runs/${randomUUID()}/`;
});
afterEach(async () => {
  await proxy.setMode('ok');
  await rm(disk, { recursive: true, force: true });
});
afterAll(async () => {
  for (const name of Object.keys(s3.environment)) delete process.env[name];
  delete process.env['AWS_EC2_METADATA_DISABLED'];
  admin.destroy();
  await proxy.close();
  await s3.stop();
});

const objectOf = (key: string) => ({ Bucket, Key: BELOW + key });
const open = (options: Partial<S3StoreOptions> = {}, address = `s3://${Bucket}/${BELOW}`) =>
  createS3Store(address, { folder: join(disk, 'cache'), cacheBytes: 1 << 30, ...options });

/** Name of a copy that is kept. */
const COPY = /\/[0-9a-f-]{36}$/;

/** Files that lie on the machine's disk. */
async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(disk, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

for (const [kind, cacheBytes] of [
  ['S3', undefined],
  ['S3 with a cache', 1 << 30],
] as const) {
  describeBlobStore(kind, {
    open: async ({ encrypts, keys = 'payload.keys' }) =>
      open({
        cacheBytes,
        sealing: await createBlobSealing({
          ...{ ENCRYPT_BLOBS: encrypts, payloadKeysFile: join(disk, keys) },
        }),
      }),
    async read(key) {
      const { Body } = await admin.send(new GetObjectCommand(objectOf(key)));
      return Buffer.from(await Body!.transformToByteArray());
    },
    async write(key, Body) {
      await admin.send(new PutObjectCommand({ ...objectOf(key), Body }));
    },
    async remove(key) {
      await admin.send(new DeleteObjectCommand(objectOf(key)));
    },
    leftovers: async () => {
      const files = (await filesOnDisk()).filter((path) => !path.endsWith('.keys'));
      return cacheBytes === undefined ? files : files.filter((path) => !COPY.test(path));
    },
    ...(cacheBytes === undefined && { encrypting: false as const }),
    prefix: () => prefix,
  });
}

/** Longer than one part. */
const LONG = randomBytes(9 << 20);
const store = (name: string, bytes: Uint8Array, blobs: BlobStore) =>
  blobs.putBytes(prefix + name, bytes);
const AWAY = { code: 'STORAGE_UNAVAILABLE' };

async function unfinishedUploads(): Promise<number> {
  const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket }));
  return Uploads.length;
}

describe('a blob on its way to S3 or back', () => {
  it('is sent in parts, none of which is left when it can’t be ended', async () => {
    const ref = await store('a', LONG, open());
    const { ETag } = await admin.send(new HeadObjectCommand(objectOf(ref.key)));
    expect(ETag).toMatch(/-2"$/);
    await proxy.setMode(({ url = '' }) => (/partNumber=2/.test(url) ? 'reset' : 'ok'));
    await expect(store('b', LONG, open())).rejects.toMatchObject(AWAY);
    expect(await open().list(`${prefix}b`)).toEqual([]);
    expect(await unfinishedUploads()).toBe(0);
  });

  it.each(['reset', '500', 'commit-then-cut'] as const)(
    'comes through although a part of it meets this once: %s',
    async (fault) => {
      const met = new Set<string>();
      await proxy.setMode(({ url = '' }) => {
        const once = /partNumber=2/.test(url) && !met.has(url);
        met.add(url);
        return once ? fault : 'ok';
      });
      const ref = await store('a', LONG, open());
      expect(proxy.seen.some((request) => request.fault === fault)).toBe(true);
      expect(LONG.equals(await open().getBytes(ref))).toBe(true);
    },
  );

  it('is fetched again when the answer breaks off, but not for ever', async () => {
    const ref = await store('a', LONG, open());
    let broken = 0;
    await proxy.setMode(() => ((broken += 1) === 1 ? 'half' : 'ok'));
    expect(LONG.equals(await open().getBytes(ref))).toBe(true);
    expect(broken).toBe(2);
    await proxy.setMode('half');
    await expect(open().getBytes(ref)).rejects.toMatchObject(AWAY);
    // Those of the writer and of the first reader.
    expect(await filesOnDisk()).toHaveLength(2);
  });

  it('waits for a server that is away or keeps silent, whatever is asked of it', async () => {
    const ref = await store('a', Buffer.from('hello'), open());
    for (const mode of ['refuse', 'hang'] as const) {
      await proxy.setMode(mode);
      const blobs = open({ idleMs: 200 });
      const asked = [
        store('b', Buffer.from('b'), blobs),
        blobs.getBytes(ref),
        blobs.withReplaceable(ref.key, () => Promise.resolve()),
        blobs.remove(ref.key),
        blobs.list(prefix),
      ];
      for (const end of await Promise.allSettled(asked)) {
        expect(end).toMatchObject({ status: 'rejected', reason: AWAY });
      }
    }
  });
});

describe('what S3 refuses', () => {
  const answers = (status: number, code: string) => async (use: () => Promise<void>) => {
    const server = createServer((request, response) => {
      request.resume();
      const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>secret</Message></Error>`;
      response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await use();
    } finally {
      process.env['AWS_ENDPOINT_URL'] = proxy.url;
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  };

  it.each([
    [503, 'SlowDown', 'STORAGE_UNAVAILABLE'],
    [500, 'InternalError', 'STORAGE_UNAVAILABLE'],
    [400, 'ExpiredToken', 'STORAGE_UNAVAILABLE'],
    // What comes of an end, or an abort, of parts that is asked for again as its answer was lost.
    [404, 'NoSuchUpload', 'STORAGE_UNAVAILABLE'],
    [400, 'BadDigest', 'STORAGE_UNAVAILABLE'],
    [403, 'AccessDenied', 'SETUP_FAILED'],
    [403, 'InvalidAccessKeyId', 'SETUP_FAILED'],
    [404, 'NoSuchBucket', 'SETUP_FAILED'],
    [301, 'PermanentRedirect', 'SETUP_FAILED'],
    [501, 'NotImplemented', 'SETUP_FAILED'],
    [507, 'XMinioStorageFull', 'STORAGE_FULL'],
  ])('%i %s is said as what it is', async (status, name, code) => {
    await answers(
      status,
      name,
    )(async () => {
      const blobs = open();
      const ref = { key: `${prefix}a`, sha256: '', bytes: 1 };
      const asked = [store('a', Buffer.from('a'), blobs), blobs.getBytes(ref)];
      for (const end of await Promise.allSettled<unknown>(asked)) {
        expect(end).toMatchObject({ status: 'rejected', reason: { code } });
        const { message } = (end as PromiseRejectedResult).reason as Error;
        expect(message).not.toContain('secret');
        if (code !== 'STORAGE_FULL') expect(message).toContain(name);
      }
    });
  });

  it('is told by the bucket’s or the credentials’ absence, too', async () => {
    const elsewhere = open({}, 's3://nowhere-at-all/x');
    await expect(store('a', Buffer.from('a'), elsewhere)).rejects.toMatchObject({
      ...{ code: 'SETUP_FAILED', message: expect.stringContaining('NoSuchBucket') as string },
    });
    const { AWS_ACCESS_KEY_ID: id } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];
    const nobody = open();
    await expect(nobody.list('')).rejects.toMatchObject({
      ...{ code: 'SETUP_FAILED', hint: expect.stringContaining('credentials') as string },
    });
    process.env['AWS_ACCESS_KEY_ID'] = id;
    expect(await nobody.list(prefix)).toEqual([]);
  });
});

describe('the copies on a worker’s disk', () => {
  /** How often S3 is asked for an object's content during something. */
  async function fetchesDuring(work: () => Promise<unknown>): Promise<number> {
    const before = proxy.seen.length;
    await work();
    return proxy.seen.slice(before).filter(({ method }) => method === 'GET').length;
  }
  const bytesOnDisk = async (): Promise<number> => {
    const sizes = (await filesOnDisk()).map(async (path) => (await stat(path)).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };

  it('save fetching what was just written or read, and many readers fetch once', async () => {
    const [writer, reader] = [open(), open()];
    const ref = await store('a', Buffer.from('hello'), writer);
    expect(await fetchesDuring(() => writer.getBytes(ref))).toBe(0);
    const many = () => Promise.all(Array.from({ length: 8 }, () => reader.getBytes(ref)));
    expect(await fetchesDuring(many)).toBe(1);
    expect(await fetchesDuring(many)).toBe(0);
  });

  it('are bounded: the least recently used goes, one in use never', async () => {
    const blobs = open({ cacheBytes: 2500 });
    const refs: Awaited<ReturnType<typeof store>>[] = [];
    for (const name of ['a', 'b']) refs.push(await store(name, randomBytes(1000), blobs));
    const [a, b] = refs as [(typeof refs)[0], (typeof refs)[0]];
    await blobs.withFile(a, async (path) => {
      await blobs.getBytes(b);
      const more = await Promise.all(
        ['c', 'd', 'e'].map((name) => store(name, randomBytes(1000), blobs)),
      );
      expect(await readFile(path)).toHaveLength(1000);
      expect(await fetchesDuring(() => blobs.getBytes(b))).toBe(1);
      expect(await fetchesDuring(() => blobs.getBytes(a))).toBe(0);
      for (const ref of more) await blobs.getBytes(ref);
    });
    expect(await bytesOnDisk()).toBeLessThanOrEqual(2500);
    const big = await store('big', randomBytes(9000), blobs);
    expect(await blobs.withFile(big, bytesOnDisk)).toBeGreaterThan(9000);
    expect(await bytesOnDisk()).toBeLessThanOrEqual(2500);
  });

  it('are fetched anew when the disk was wiped, or has changed them', async () => {
    const blobs = open();
    const ref = await store('a', Buffer.from('hello'), blobs);
    await rm(join(disk, 'cache'), { recursive: true });
    expect(String(await blobs.getBytes(ref))).toBe('hello');
    const [copy] = await filesOnDisk();
    await writeFile(copy!, 'jello');
    expect(String(await blobs.getBytes(ref))).toBe('hello');
    // What lies in S3 itself is found out all the same.
    await admin.send(new PutObjectCommand({ ...objectOf(ref.key), Body: 'jello' }));
    await writeFile((await filesOnDisk())[0]!, 'jello');
    await expect(blobs.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it('are as encrypted as in S3', async () => {
    const payloadKeysFile = join(disk, 'payload.keys');
    const blobs = open({
      sealing: await createBlobSealing({ ENCRYPT_BLOBS: true, payloadKeysFile }),
    });
    const ref = await store('a', Buffer.from('canary'), blobs);
    expect(String(await blobs.getBytes(ref))).toBe('canary');
    const copies = (await filesOnDisk()).filter((path) => path !== payloadKeysFile);
    expect(copies).toHaveLength(1);
    expect((await readFile(copies[0]!)).includes('canary')).toBe(false);
  });

  it('are left to the next start by a process that was killed, and swept there', async () => {
    const blobs = open();
    await store('a', Buffer.from('hello'), blobs);
    await blobs.sweepScratch();
    expect(await filesOnDisk()).toHaveLength(1);
    const [own] = await readdir(join(disk, 'cache'));
    // No process has such a number.
    const dead = own!.replace(/-\d+-/, '-999999999-');
    await rename(join(disk, 'cache', own!), join(disk, 'cache', dead));
    await blobs.sweepScratch();
    expect(await filesOnDisk()).toEqual([]);
  });
});
