import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { openAudit } from '../../../platform/audit/open-audit.ts';
import { createLogger } from '../../../platform/logging.ts';
import { readConfig } from '../../../schemas/config.ts';
import { newPostgresDatabase } from '../../support/postgres-database.ts';

const logger = createLogger('test', 'silent');

it('a command signs a shared log with the keys of all, or leaves that to servers and workers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signing-commands-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const AUDIT_DATABASE_URL = await newPostgresDatabase();
  const shared = { AUDIT_DATABASE_URL, AUDIT_CHECKPOINTS: join(folder, 'checkpoints') };
  const keys = { AUDIT_KEYS_FILE: join(folder, 'audit.keys') };
  /** Records something, and says how many checkpoints of the chain there are then. */
  const afterA = async (role: 'command' | 'server', settings: Record<string, string>) => {
    const config = readConfig({ STATE_DIR: join(folder, 'state'), ...shared, ...settings });
    const audit = (await openAudit(config, { role, logger }))!;
    await audit.log.record({
      ...{ name: 'version.changed', chain: 'service' },
      fields: {
        ...{ 'user.id': 'me', 'deployment.name': 'd', 'deployment.version': '1' },
        change: 'promoted',
      },
    });
    await audit.close();
    return (await audit.store.list('service')).length;
  };
  // Nor the second time: the first one leaves no key behind.
  for (let time = 0; time < 2; time++) {
    expect(await afterA('command', { STATE_DIR: join(folder, 'elsewhere') })).toBe(0);
    expect(await afterA('command', keys)).toBe(0);
  }
  expect(await afterA('command', { AUDIT_CHECKPOINTS: '' })).toBe(0);
  const signed = await afterA('server', keys);
  expect(signed).toBeGreaterThan(0);
  expect(await afterA('command', keys)).toBeGreaterThan(signed);
});
