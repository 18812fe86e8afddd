import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { publicKeyOf } from '../../../platform/audit/signing-keys.ts';
import { createKeyRing } from '../../../platform/audit/verification/key-ring.ts';
import { verifyDatabaseChain } from '../../../platform/audit/verification/verify-database.ts';
import { fillSampleLog, openSampleLog, type SampleLog } from './tampering/sample-log.ts';

const { host, port } = inject('postgres');
const name = `audit_verify_${process.pid}`;
const place = (database: string): string => `postgresql://admin:admin@${host}:${port}/${database}`;

let folder: string;
let sample: SampleLog;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-postgres-'));
  await sql('postgres', `CREATE DATABASE ${name}`);
  sample = await openSampleLog(folder, Date.now, openAuditDatabase({ url: place(name) }));
  await fillSampleLog(sample);
});
afterAll(async () => {
  await sample.log.close();
  await rm(folder, { recursive: true });
});

async function sql(database: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: place(database) });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

function verify() {
  const keys = createKeyRing(new Map(), sample.keys.statements.map(publicKeyOf));
  return verifyDatabaseChain(sample.log.database, { checkpoints: sample.store, keys }, 'default');
}

describe('a log in PostgreSQL', () => {
  it('is verified like one in a file, and its first bad event is named', async () => {
    expect(await verify()).toMatchObject({ size: 336, covered: 335, findings: [] });
    await sql(name, `INSERT INTO audit_subjects VALUES ('default', 'user:innocent', 9)`);
    expect((await verify()).findings).toMatchObject([{ seq: 9 }]);
    await sql(name, `DELETE FROM audit_subjects WHERE subject = 'user:innocent'`);
    await sql(name, 'ALTER TABLE audit_events DISABLE TRIGGER ALL');
    await sql(
      name,
      `UPDATE audit_events SET body = replace(body, 'worker', 'server') WHERE chain = 'default' AND seq = 200`,
    );
    const [first] = (await verify()).findings;
    expect(first).toMatchObject({ seq: 200 });
    expect(first?.from).toBeUndefined();
    await sql(name, `DELETE FROM audit_events WHERE chain = 'default' AND seq = 100`);
    expect((await verify()).findings[0]).toMatchObject({ seq: 100 });
  });
});
