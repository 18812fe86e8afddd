import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import {
  createFolderStore,
  type CheckpointStore,
} from '../../../platform/audit/checkpoint-store.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { publishCheckpoint } from '../../../platform/audit/publish-checkpoint.ts';
import { loadSigningKeys } from '../../../platform/audit/signing-keys.ts';

let folder: string;
let log: AuditLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, 'audit.db') }),
    recorder: { role: 'worker', version: '1', instance: 'here:1' },
  });
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

async function publish(store: CheckpointStore = createFolderStore(join(folder, 'out'))) {
  const keys = await loadSigningKeys(join(folder, 'keys'));
  return publishCheckpoint({ log, keys, store }, 'default');
}
async function record(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await log.record({
      ...{ name: 'access.refused', chain: 'default' },
      fields: { 'error.type': 'X', count: n, since: '2026-01-01T00:00:00.000Z', addresses: 1 },
    });
  }
}

it('a chain is signed when it has grown, and not for its own checkpoints', async () => {
  await log.ready();
  expect(await publish()).toBeUndefined();
  await record(300);
  expect(await publish()).toMatchObject({ size: 300 });
  expect(await publish()).toBeUndefined();
  await record(1);
  expect(await publish()).toMatchObject({ size: 302 });
});

it('what comes while a chain is being signed is signed the next time', async () => {
  await record(3);
  const store = createFolderStore(join(folder, 'out'));
  const get = async (name: string) => {
    await record(1);
    return store.get(name);
  };
  expect(await publish({ ...store, get })).toMatchObject({ size: 3 });
  expect(await publish()).toMatchObject({ size: 5 });
  expect(await publish()).toBeUndefined();
});

it.each([
  ['written anew', ''],
  ['shorter', "; UPDATE audit_chains SET size = 100 WHERE chain = 'default'"],
])('a chain that is %s than it was signed is signed no more', async (how, more) => {
  await record(300);
  await publish();
  const forger = new DatabaseSync(join(folder, 'audit.db'));
  forger.exec(`DROP TRIGGER audit_events_fixed; DROP TRIGGER audit_events_kept;
    DELETE FROM audit_events WHERE seq > 100; DELETE FROM audit_subjects; DELETE FROM audit_nodes
    ${how === 'shorter' ? more : '; DELETE FROM audit_events; DELETE FROM audit_chains'}`);
  forger.close();
  await record(how === 'shorter' ? 5 : 400);
  await expect(publish()).rejects.toMatchObject({ code: 'SETUP_FAILED' });
});
