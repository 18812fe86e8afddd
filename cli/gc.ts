// durable-experiments gc: removes blobs that no run within retention refers to.
import { parseArgs } from 'node:util';

import { Client, type Connection } from '@temporalio/client';

import { openAudit } from '../platform/audit/open-audit.ts';
import { createDataConverter } from '../platform/codec/data-converter.ts';
import { createLogger } from '../platform/logging.ts';
import { createBlobStoreFrom } from '../platform/storage/from-config.ts';
import { collectBlobs } from '../server/retention/collect-blobs.ts';
import {
  planCollection,
  type Collection,
  type Garbage,
} from '../server/retention/plan-collection.ts';
import { optionsOrUsage } from './audit/options.ts';
import { operator } from './audit/record-command.ts';
import { withTemporal } from './audit/temporal-access.ts';
import { configOrExit } from './environment.ts';

const HOUR_MS = 3_600_000;

const USAGE = `Usage: durable-experiments gc [--delete] [--older-than-hours N] [--none-known]

Says which blobs no run needs any more that Temporal still has, and what they take; --delete removes them.
What was written in the last 24 hours always stays, or in the last N (1 at least): a run may be about to use it.
The audit log's exported histories stay, and records that a run in the audit log can be reproduced from.
When Temporal knows none of the runs that have blobs, it may be the wrong one: --none-known says that it is not.
Exit codes: 0 done, 1 refused, 2 usage.`;

/** durable-experiments gc. */
export async function run(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        delete: { type: 'boolean', default: false },
        'older-than-hours': { type: 'string', default: '24' },
        'none-known': { type: 'boolean', default: false },
      },
    });
    const hours = Number(values['older-than-hours']);
    if (!(hours >= 1)) throw new Error('--older-than-hours takes a number, 1 at least.');
    return { deletes: values.delete, noneKnown: values['none-known'], hours };
  });
  if (!given) return 2;
  const config = configOrExit();
  const audit = await openAudit(config, { role: 'command', logger: createLogger('gc', 'warn') });
  try {
    await audit?.log.ready();
    const blobs = await createBlobStoreFrom(config);
    const dataConverter = await createDataConverter(config);
    return await withTemporal(config, async (access) => {
      const connection = access.connection as Connection;
      const { namespace } = access;
      const client = new Client({ connection, namespace, dataConverter });
      const before = Date.now() - given.hours * HOUR_MS;
      const deps = { access, client, blobs, database: audit?.log.database };
      const plan = await planCollection(deps, { before });
      for (const line of described(plan)) console.log(line);
      if (plan.garbage.length === 0) return 0;
      if (plan.known === 0 && plan.forgotten > 0 && !given.noneKnown) {
        console.log(
          `Nothing was removed: the Temporal at ${config.temporalAddress} (namespace ${namespace}) knows none of these runs. ` +
            'If it is the right one, say --none-known.',
        );
        return 1;
      }
      if (!given.deletes) {
        console.log('Nothing was removed: that needs --delete.');
        return 0;
      }
      // First the record: nothing goes that the log does not know of.
      const fields = { ...operator(), 'collected.before': new Date(before).toISOString() };
      const byTenant = Map.groupBy(plan.garbage, ({ tenant }) => tenant);
      await audit?.log.record(
        ...[...byTenant].map(([chain, own]) => ({
          ...{ name: 'blobs.collected' as const, chain },
          fields: { ...fields, 'collected.blobs': own.length, 'collected.bytes': bytesOf(own) },
        })),
      );
      const { blobs: count, bytes } = await collectBlobs(blobs, plan.garbage, { before });
      console.log(`Removed ${count} blobs, ${inWords(bytes)}.`);
      return 0;
    });
  } finally {
    await audit?.close();
  }
}

function described({ garbage, known, forgotten, unreadable }: Collection): string[] {
  const kinds = Map.groupBy(garbage, ({ tenant, kind }) => `${tenant}: ${kind}`);
  const lines = [...kinds].map(
    ([name, own]) => `${name}, ${own.length} blobs, ${inWords(bytesOf(own))}`,
  );
  return [
    `Of ${known + forgotten} runs with blobs that are old enough, Temporal still has ${known}.`,
    ...lines.sort(),
    ...(unreadable > 0
      ? [
          `${unreadable} runs have requests that no key in PAYLOAD_KEYS_FILE decrypts: therefore records of requests stay.`,
        ]
      : []),
    garbage.length === 0
      ? 'Nothing is to be removed.'
      : `Together ${garbage.length} blobs, ${inWords(bytesOf(garbage))}.`,
  ];
}

function bytesOf(garbage: readonly Garbage[]): number {
  return garbage.reduce((sum, { bytes }) => sum + bytes, 0);
}

function inWords(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes} bytes` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
