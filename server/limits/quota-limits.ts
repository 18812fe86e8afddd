import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { tenantSchema } from '../../schemas/caller.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';

/** What one tenant may use; what is missing has no end. */
export interface QuotaLimits {
  readonly runsPerDay?: number | undefined;
  readonly running?: number | undefined;
  readonly bytes?: number | undefined;
}

const limit = z.number().int().min(0).nullable().optional();
const fileSchema = z.record(
  tenantSchema,
  z.strictObject({ runs_per_day: limit, running: limit, bytes: limit }),
);

/**
 * The limits of each tenant: those of QUOTAS_FILE, and for what it leaves out those of the settings; null
 * stands for no limit.
 * @throws Failure SETUP_FAILED on a file that is damaged or not there
 */
export async function readQuotaLimits(config: Config): Promise<(tenant: string) => QuotaLimits> {
  const usual: QuotaLimits = {
    runsPerDay: config.QUOTA_RUNS_PER_DAY,
    running: config.QUOTA_RUNNING,
    bytes: config.QUOTA_BYTES,
  };
  const file = config.QUOTAS_FILE === undefined ? {} : await readQuotasFile(config.QUOTAS_FILE);
  const chosen = (given: number | null | undefined, otherwise: number | undefined) =>
    given === undefined ? otherwise : (given ?? undefined);
  return (tenant) => {
    const own = Object.hasOwn(file, tenant) ? file[tenant] : undefined;
    return {
      runsPerDay: chosen(own?.runs_per_day, usual.runsPerDay),
      running: chosen(own?.running, usual.running),
      bytes: chosen(own?.bytes, usual.bytes),
    };
  };
}

async function readQuotasFile(path: string): Promise<z.infer<typeof fileSchema>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Failure(
      'SETUP_FAILED',
      'QUOTAS_FILE can’t be read as the quotas of tenants.',
      'It holds {"<tenant>": {"runs_per_day": 100, "running": 4, "bytes": 1000000000}}; null is no limit.',
      { cause },
    );
  }
}
