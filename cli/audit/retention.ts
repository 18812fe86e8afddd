import { parseArgs } from 'node:util';

import {
  readTemporalRetention,
  setTemporalRetention,
} from '../../platform/audit/histories/temporal-retention.ts';
import { historyRetention, oldestEvent } from '../../platform/audit/retention.ts';
import { configOrExit } from '../environment.ts';
import { optionsOrUsage } from './options.ts';
import { auditOrFail } from './record-command.ts';
import { withTemporal } from './temporal-access.ts';

const USAGE = `Usage: durable-experiments audit retention [--set]

Says how long Temporal keeps ended runs, how long the log keeps events, and which histories are not exported yet.
--set makes Temporal keep ended runs for TEMPORAL_RETENTION_DAYS.
Exit codes: 0 all is as the settings say, 1 Temporal keeps runs shorter, 2 usage.`;

/** durable-experiments audit retention. */
export async function run(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () =>
    parseArgs({ args: [...args], options: { set: { type: 'boolean', default: false } } }),
  );
  if (!given) return 2;
  const config = configOrExit();
  const wanted = config.TEMPORAL_RETENTION_DAYS;
  const retentionDays = config.AUDIT_RETENTION_DAYS;
  const audit = await auditOrFail(config);
  try {
    await audit.log.ready();
    return await withTemporal(config, async (access) => {
      if (given.values.set && (await readTemporalRetention(access)) !== wanted) {
        await setTemporalRetention(access, wanted);
      }
      const { database } = audit.log;
      const now = Date.now();
      const kept = await historyRetention(access, database, { retentionDays, now });
      const oldest = await oldestEvent(database);
      const { namespace } = access;
      console.log(
        [
          `Temporal keeps ended runs of the namespace ${namespace} for ${kept.days} days; TEMPORAL_RETENTION_DAYS is ${wanted}.`,
          `Histories: ${kept.exported} of ended runs that Temporal still has are exported, ${kept.waiting} are not yet.`,
          ...(kept.firstLostAt ? [lossOf(kept.firstLostAt, now)] : []),
          `Events are kept for ${retentionDays} days (AUDIT_RETENTION_DAYS), by law ${config.AUDIT_LEGAL_FLOOR_DAYS} at least (AUDIT_LEGAL_FLOOR_DAYS).`,
          oldest ? `The oldest event is of ${oldest.toISOString()}.` : 'There are no events.',
        ].join('\n'),
      );
      if (kept.days >= wanted) return 0;
      console.log('Temporal keeps them shorter than the setting says: --set mends it.');
      return 1;
    });
  } finally {
    await audit.close();
  }
}

function lossOf(at: Date, now: number): string {
  const hours = Math.max(0, (at.getTime() - now) / 3_600_000);
  const left = hours < 48 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`;
  return `Temporal forgets the first of these at ${at.toISOString()}, in ${left}.`;
}
