import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { runCli } from './run-cli.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'key-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keys = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runCli('keys', args, { STATE_DIR: folder, ...more });

async function eventsOf(chain: string) {
  const path = join(folder, 'audit', 'audit.db');
  const { tables } = openAuditDatabase({ path, readOnly: true });
  const rows = await tables
    .selectFrom('audit_events')
    .select('body')
    .where('chain', '=', chain)
    .where('name', '!=', 'audit.checkpoint')
    .orderBy('seq')
    .execute();
  await tables.destroy();
  return rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
}

describe('changes of keys', () => {
  it('are in the log of the key’s tenant, without the key', async () => {
    const added = await keys(['add', '--name', 'ann', '--tenant', 'acme']);
    const id = added.stdout.slice(4, 16);
    expect((await keys(['revoke', id])).code).toBe(0);
    await runCli('payload-keys', ['rotate'], {
      STATE_DIR: folder,
      TEMPORAL_ADDRESS: '127.0.0.1:9',
    });
    const events = await eventsOf('acme');
    const who = { 'user.id': userInfo().username, 'service.role': 'command', 'key.id': id };
    expect(events).toMatchObject([
      { 'event.name': 'key.added', ...who, 'key.name': 'ann' },
      { 'event.name': 'key.revoked', ...who },
    ]);
    expect(JSON.stringify(events)).not.toContain(added.stdout.trim());
    const rotated = (await eventsOf('~service')).filter(
      (event) => event['event.name'] === 'payload_key.rotated',
    );
    expect(rotated).toMatchObject([{ 'key.id': expect.stringMatching(/^[0-9a-f]+$/) as string }]);
  });

  it('are not made when they can’t be recorded', async () => {
    // Where the log’s folder would be.
    await writeFile(join(folder, 'audit'), '');
    const { code, stdout, stderr } = await keys(['add', '--name', 'ann']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The audit log can’t be written');
    await expect(access(join(folder, 'keys', 'api-keys.json'))).rejects.toThrow();
  });

  it('are made without a log where none is kept', async () => {
    expect((await keys(['add', '--name', 'ann'], { AUDIT: 'false' })).stdout).toMatch(/^dex_/);
    await expect(access(join(folder, 'audit'))).rejects.toThrow();
  });
});
