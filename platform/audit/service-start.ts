import { hash } from 'node:crypto';

import { mayHoldSecret, SETTING_NAMES, type Config } from '../../schemas/config.ts';
import { SERVICE_CHAIN } from '../../schemas/audit-event.ts';
import { readDependenciesHash } from '../dependencies-hash.ts';
import type { AuditLog } from './audit-log.ts';
import type { Recorded } from './new-event.ts';
import { canonical } from './chain.ts';
import { committed, wellFormed } from './commitment.ts';

/** Earlier starts that are looked through for one of the same role. */
const STARTS = 50;

/** The event of a process that starts: with which settings, and whether they are new. */
export async function serviceStarted(log: AuditLog, config: Config): Promise<Recorded> {
  const settings = shownSettings(config);
  const sha256 = hash('sha256', canonical(wellFormed(settings)));
  const secret = committed(settings);
  const before = await lastConfig(log);
  return {
    ...{ name: 'service.started', chain: SERVICE_CHAIN, secrets: [secret] },
    fields: {
      'config.sha256': sha256,
      'dependencies.sha256': await readDependenciesHash(),
      'process.runtime.version': process.version,
      'config.changed': before !== undefined && before !== sha256,
      'config.commitment': secret.commitment,
    },
  };
}

/** Settings that may hold a secret are only told to be there. */
function shownSettings(config: Config): Record<string, unknown> {
  const values = config as unknown as Readonly<Record<string, unknown>>;
  const shown = SETTING_NAMES.filter((name) => values[name] !== undefined).map((name) => {
    const secret = mayHoldSecret(name) && !/_FILE$|_PATH$/.test(name);
    return [name, secret ? '(set)' : values[name]];
  });
  return Object.fromEntries(shown) as Record<string, unknown>;
}

async function lastConfig({ database, recorder }: AuditLog): Promise<string | undefined> {
  const rows = await database.tables
    .selectFrom('audit_events')
    .select('body')
    .where('chain', '=', SERVICE_CHAIN)
    .where('name', '=', 'service.started')
    .orderBy('seq', 'desc')
    .limit(STARTS)
    .execute();
  const events = rows.map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>);
  const own = events.find((event) => event['service.role'] === recorder.role);
  return own?.['config.sha256'] as string | undefined;
}
