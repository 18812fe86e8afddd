import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { publicKeyOf } from '../../../platform/audit/signing-keys.ts';
import { createKeyRing } from '../../../platform/audit/verification/key-ring.ts';
import { verifyDatabaseChain } from '../../../platform/audit/verification/verify-database.ts';
import { newPostgresDatabase, queryPostgres } from '../../support/postgres-database.ts';
import { fillSampleLog, openSampleLog, type SampleLog } from './tampering/sample-log.ts';

let folder: string;
let url: string;
let sample: SampleLog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-postgres-'));
  url = await newPostgresDatabase();
  sample = await openSampleLog(folder, Date.now, openAuditDatabase({ url }));
  await fillSampleLog(sample);
});
afterAll(async () => {
  await sample.log.close();
  await rm(folder, { recursive: true });
});

function verify() {
  const keys = createKeyRing(new Map(), sample.keys.statements.map(publicKeyOf));
  return verifyDatabaseChain(sample.log.database, { checkpoints: sample.store, keys }, 'default');
}

describe('a log in PostgreSQL', () => {
  it('is verified like one in a file, and its first bad event is named', async () => {
    expect(await verify()).toMatchObject({ size: 336, covered: 335, findings: [] });
    await queryPostgres(url, `INSERT INTO audit_subjects VALUES ('default', 'user:innocent', 9)`);
    expect((await verify()).findings).toMatchObject([{ seq: 9 }]);
    await queryPostgres(url, `DELETE FROM audit_subjects WHERE subject = 'user:innocent'`);
    await queryPostgres(url, 'ALTER TABLE audit_events DISABLE TRIGGER ALL');
    await queryPostgres(
      url,
      `UPDATE audit_events SET body = replace(body, 'worker', 'server') WHERE chain = 'default' AND seq = 200`,
    );
    const [first] = (await verify()).findings;
    expect(first).toMatchObject({ seq: 200 });
    expect(first?.from).toBeUndefined();
    await queryPostgres(url, `DELETE FROM audit_events WHERE chain = 'default' AND seq = 100`);
    expect((await verify()).findings[0]).toMatchObject({ seq: 100 });
  });

  it('goes on when the connection breaks in the middle of a transaction', async () => {
    const { log } = sample;
    const broken = log.database.tables.transaction().execute(async (writing) => {
      const heads = writing.selectFrom('audit_chains').select('size');
      await heads.execute();
      await queryPostgres(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'idle in transaction'`,
      );
      await heads.execute();
    });
    await expect(broken).rejects.toThrow();
    await log.check();
  });
});
