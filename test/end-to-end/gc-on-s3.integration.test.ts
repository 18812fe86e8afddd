import { randomUUID } from 'node:crypto';

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

import { withTemporal } from '../../cli/audit/temporal-access.ts';
import { createBlobStoreFrom } from '../../platform/storage/from-config.ts';
import { readConfig } from '../../schemas/config.ts';
import { collectBlobs } from '../../server/retention/collect-blobs.ts';
import { planCollection } from '../../server/retention/plan-collection.ts';
import { forgetWorkflow } from '../support/forget-workflow.ts';
import { followRuns } from '../support/follow-runs.ts';
import { startS3Server, type S3Server } from '../support/s3-server.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const Bucket = `gc-${randomUUID()}`;
const SOURCE = { kind: 'file', path: 'train.csv', target: 'label' };
const INLINE = {
  kind: 'inline',
  records: Array.from({ length: 12 }, (_, i) => ({
    ...{ text: i % 2 ? 'rain' : 'sun', label: i % 2 ? 'wet' : 'dry' },
  })),
};

let s3: S3Server;
let service: TestService;
const { start, ended } = followRuns(() => service, 'gc on S3');

beforeAll(async () => {
  s3 = await startS3Server(inject('python'));
  Object.assign(process.env, s3.environment);
  const admin = new S3Client({ forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket }));
  admin.destroy();
  const BLOB_STORE = `s3://${Bucket}/blobs`;
  service = await startTestService({ BLOB_STORE, TEMPORAL_NAMESPACE: `gc-${randomUUID()}` });
});
afterAll(async () => {
  for (const name of Object.keys(s3.environment)) delete process.env[name];
  await service.stop();
  await s3.stop();
});

// Temporal takes up to a minute to delete a workflow.
it(
  'removes from S3 what belonged to runs that Temporal has forgotten, and nothing else',
  { timeout: 180_000 },
  async () => {
    const ids = await Promise.all([start({ source: SOURCE }), start({ source: INLINE })]);
    for (const id of ids) await ended(id);
    const [kept, forgotten] = ids;
    const config = readConfig(service.settings);
    const blobs = await createBlobStoreFrom(config);
    const keys = async (): Promise<string[]> => {
      const found = await blobs.list('');
      // Histories are copied when a worker finds the time.
      return found.filter((key) => !key.startsWith('histories/')).sort();
    };
    const stored = await keys();
    const gone = stored.filter((key) => !key.startsWith(`runs/${kept}/`));
    expect(gone.length).toBeGreaterThan(2);
    expect(gone.length).toBeLessThan(stored.length);
    await forgetWorkflow(service, forgotten);

    // As if an hour had passed: S3 keeps its own times.
    const later = { before: Date.now() + 3_600_000 };
    await withTemporal(config, async (access) => {
      const { temporal: client } = service;
      const plan = await planCollection({ access, client, blobs, database: undefined }, later);
      expect(plan.garbage.map(({ key }) => key).sort()).toEqual(gone);
      expect(plan).toMatchObject({ known: 1, forgotten: 1 });
      expect(await keys()).toEqual(stored);
      const bytes = plan.garbage.reduce((sum, entry) => sum + entry.bytes, 0);
      expect(await collectBlobs(blobs, plan.garbage, { before: 0 })).toMatchObject({ blobs: 0 });
      expect(await collectBlobs(blobs, plan.garbage, later)).toEqual({ blobs: gone.length, bytes });
    });
    expect(await keys()).toEqual(stored.filter((key) => !gone.includes(key)));
  },
);
