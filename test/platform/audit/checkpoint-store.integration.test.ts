import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { openCheckpointStore } from '../../../platform/audit/checkpoint-store.ts';
import { startS3Server, type S3Server } from '../../support/s3-server.ts';

let s3: S3Server;
let admin: S3Client;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  s3 = await startS3Server(inject('python'));
  Object.assign(process.env, s3.environment);
  admin = new S3Client({ forcePathStyle: true });
  for (const name of ['plain', 'whole']) {
    await admin.send(new CreateBucketCommand({ Bucket: name }));
  }
  await admin.send(new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true }));
});
afterAll(async () => {
  for (const name of Object.keys(s3.environment)) delete process.env[name];
  admin.destroy();
  await s3.stop();
  await rm(folder, { recursive: true });
});

const LOCK_DAYS = 5;
const store = (place: string, lockDays = 0) =>
  openCheckpointStore({ auditCheckpoints: place, AUDIT_OBJECT_LOCK_DAYS: lockDays });

describe.each([
  ['a folder', () => store(join(folder, 'deep/er'))],
  ['a bucket', () => store('s3://plain/some/prefix')],
  ['a whole bucket', () => store('s3://whole')],
  ['a bucket with object lock', () => store('s3://locked/audit/', LOCK_DAYS)],
])('checkpoints in %s', (_, opened) => {
  it('are written once, whoever comes second', async () => {
    const one = opened();
    const other = opened();
    expect(await one.list('default/')).toEqual([]);
    await one.put('default/000000000001.json', 'first');
    await other.put('default/000000000001.json', 'second');
    await Promise.all([one, other].map((both, n) => both.put('default/000000000002.json', `${n}`)));
    await one.put('acme/000000000001.json', 'Zeichen: ß');
    await one.put('keys/abc.json', 'key');
    expect(await other.get('default/000000000001.json')).toBe('first');
    expect(await one.get('default/000000000002.json')).toMatch(/^[01]$/);
    expect(await one.get('acme/000000000001.json')).toBe('Zeichen: ß');
    expect(await other.list('default/')).toEqual([
      'default/000000000001.json',
      'default/000000000002.json',
    ]);
    expect(await other.list('')).toHaveLength(4);
  });

  it('are missed in our own words', async () => {
    await expect(opened().get('default/000000000009.json')).rejects.toMatchObject({
      code: 'BLOB_MISSING',
    });
  });
});

describe('S3', () => {
  it.each([
    ['s3://plain/many', 0],
    ['s3://locked/many', LOCK_DAYS],
  ])('is listed to the end, over several pages: %s', async (place, lockDays) => {
    const many = store(place, lockDays);
    const names = Array.from({ length: 25 }, (_, n) => `c/${String(n).padStart(12, '0')}.json`);
    for (const name of names) await many.put(name, 'x');
    expect(await many.list('c/')).toEqual(names);
  });

  it('refuses to take a locked checkpoint away, and what is put over it does not count', async () => {
    const locked = store('s3://locked/held', LOCK_DAYS);
    const name = 'default/000000000001.json';
    const object = { Bucket: 'locked', Key: `held/${name}` };
    await locked.put(name, 'signed');
    const { Versions: [version] = [] } = await admin.send(
      new ListObjectVersionsCommand({ Bucket: 'locked', Prefix: object.Key }),
    );
    const deletion = new DeleteObjectCommand({
      ...object,
      VersionId: version?.VersionId,
      BypassGovernanceRetention: true,
    });
    // Amazon’s name for it; MinIO, say, has another.
    const ours = process.env['TEST_S3_ENDPOINT'] === undefined;
    const refusal = ours ? { name: 'AccessDenied' } : { $fault: 'client' };
    await expect(admin.send(deletion)).rejects.toMatchObject(refusal);
    await admin.send(new PutObjectCommand({ ...object, Body: 'forged' }));
    expect(await locked.get(name)).toBe('signed');
    // Only hides it from those who don't look at versions.
    await admin.send(new DeleteObjectCommand(object));
    expect(await locked.get(name)).toBe('signed');
    expect(await locked.list('')).toEqual([name]);
  });
});

describe('a store that can’t be used', () => {
  it.each([
    ['a folder below a file', '/dev/null/checkpoints', 0, 'AUDIT_CHECKPOINTS'],
    ['no such bucket', 's3://nowhere/x', 0, 's3:PutObject'],
    ['a bucket without object lock', 's3://plain/x', LOCK_DAYS, 'object lock'],
  ])('is named with a remedy: %s', async (_, place, lockDays, remedy) => {
    await expect(store(place, lockDays).put('a/1.json', 'x')).rejects.toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      hint: expect.stringContaining(remedy) as string,
    });
  });
});
