import { z } from 'zod';

import { count, isLoopback } from './setting-kinds.ts';

const rate = z.coerce.number().int().min(0).max(1_000_000).optional();
const quota = z.coerce.number().int().min(0).optional();

/** How often, and how much. */
export const limitSettings = {
  RATE_PER_ADDRESS: rate.describe(
    'Requests a second from one address, before anybody is asked who they are, over ten seconds; 0: no limit. ' +
      'Unset: 200, and no limit while HOST is loopback.',
  ),
  RATE_PER_CALLER: rate.describe(
    'Points a second of one caller, over ten seconds; 0: no limit. Starting, retrying and inspecting cost ten, ' +
      'lists two, anything else one. Unset: 50, and no limit while HOST is loopback.',
  ),
  MAX_CONNECTIONS: count(4096).describe(
    'Connections at once; off loopback a quarter of them from one address.',
  ),
  QUOTA_RUNS_PER_DAY: quota.describe('Runs that a tenant may start a day, by UTC.'),
  QUOTA_RUNNING: quota.describe('Runs of a tenant that may be going at once.'),
  QUOTA_BYTES: quota.describe('Blobs of a tenant, in bytes, with which it may start another run.'),
  QUOTAS_FILE: z
    .string()
    .optional()
    .describe('JSON file of other quotas for some tenants: {"acme": {"running": 4}}.'),
};

/** The rates as they are kept to: 0 is no limit. */
export interface RateSettings {
  readonly ratePerAddress: number;
  readonly ratePerCaller: number;
  readonly connectionsPerAddress: number;
}

/** Who shares a loopback address is one person with many programs, who is in nobody's way. */
export function rateSettings(
  settings: z.infer<z.ZodObject<typeof limitSettings>> & { readonly HOST: string },
): RateSettings {
  const alone = isLoopback(settings.HOST);
  return {
    ratePerAddress: settings.RATE_PER_ADDRESS ?? (alone ? 0 : 200),
    ratePerCaller: settings.RATE_PER_CALLER ?? (alone ? 0 : 50),
    connectionsPerAddress: alone
      ? settings.MAX_CONNECTIONS
      : Math.ceil(settings.MAX_CONNECTIONS / 4),
  };
}
