import { parseArgs } from 'node:util';

import { planPruning, prune } from '../../platform/audit/prune.ts';
import { chainsOf } from '../../platform/audit/publish-checkpoint.ts';
import { configOrExit } from '../environment.ts';
import { optionsOrUsage } from './options.ts';
import { auditOrFail, operator } from './record-command.ts';

const USAGE = `Usage: durable-experiments audit prune [--before <ISO date>] [--dry-run | --yes]

Takes events away that are older than AUDIT_RETENTION_DAYS, or than that date, from the beginning of each chain,
as far as signed checkpoints cover them. Without --yes it only says what would go.`;

const DAY_MS = 86_400_000;

/** durable-experiments audit prune. */
export async function run(args: readonly string[]): Promise<number> {
  const config = configOrExit();
  const youngest = Date.now() - config.AUDIT_RETENTION_DAYS * DAY_MS;
  const given = optionsOrUsage(USAGE, () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        before: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
      },
    });
    if (values.yes && values['dry-run']) throw new Error('Either --dry-run or --yes.');
    return { yes: values.yes, before: beforeOf(values.before, youngest) };
  });
  if (!given) return 2;
  const audit = await auditOrFail(config);
  try {
    await audit.log.ready();
    let events = 0;
    for (const chain of await chainsOf(audit.log)) {
      const plan = await planPruning(audit, { chain, before: given.before });
      const count = plan.to - plan.after;
      events += count;
      if (count === 0) console.log(`${chain}: nothing to take.`);
      else console.log(`${chain}: ${count} events, ${plan.after + 1} to ${plan.to}.`);
      if (given.yes) await prune(audit, plan, operator());
    }
    const day = given.before.toISOString();
    if (given.yes) console.log(`${events} events from before ${day} were taken away.`);
    else if (events > 0) console.log(`Nothing was taken away: that needs --yes.`);
    return 0;
  } finally {
    await audit.close();
  }
}

function beforeOf(text: string | undefined, youngest: number): Date {
  if (text === undefined) return new Date(youngest);
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Error('--before takes a date such as 2026-01-31.');
  if (time <= youngest) return new Date(time);
  const day = new Date(youngest).toISOString();
  throw new Error(`--before may not be after ${day}: AUDIT_RETENTION_DAYS keeps what is younger.`);
}
