import type { Client } from '@temporalio/client';

import type { InTurn } from '../../platform/in-turn.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { Caller } from '../../schemas/caller.ts';
import type { Config } from '../../schemas/config.ts';
import { announcedExperiments } from '../audit/announced-experiments.ts';
import type { Announce } from '../experiments/experiments-of.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { createTenancy } from '../experiments/tenancy.ts';
import { openCountsDatabase, type CountsDatabase } from './counts-database.ts';
import { createKeptBytes } from './kept-bytes.ts';
import { quotaExperiments } from './quota-experiments.ts';
import { readQuotaLimits } from './quota-limits.ts';
import { createQuotas } from './quotas.ts';
import { createRate, type Rate } from './rate.ts';
import { ratedExperiments } from './rated-experiments.ts';
import { createRunCounts } from './run-counts.ts';
import { createSharedStartedRuns } from './shared-started-runs.ts';
import { turnsOf } from './shared-turns.ts';
import { createStartedRuns } from './started-runs.ts';

/** How often, and how much: undefined where there is no limit. */
export interface Limits {
  /** Requests of an address, before anybody is asked who they are. */
  readonly addresses: Rate | undefined;
  /** Requests of a caller over HTTP, whatever they ask for. */
  readonly requests: Rate | undefined;
  /** A tenant’s experiments for one caller, within what both may do; what the rates let through is announced. */
  readonly experiments: (
    experiments: Experiments,
    caller: Caller,
    announce?: Announce,
  ) => Experiments;
  /** Works of one key one after the other, whichever of the servers that count together they are on. */
  readonly inTurn: InTurn;
  close(): Promise<void>;
}

/** Whoever heeds the refusals of tools never meets this one: it is for those that go on. */
const REQUESTS_PER_POINT = 4;

/** @throws Failure SETUP_FAILED on a damaged QUOTAS_FILE */
export async function createLimits(
  config: Config,
  { client, blobs }: { readonly client: Client; readonly blobs: BlobStore },
): Promise<Limits> {
  const { ratePerAddress, ratePerCaller } = config;
  const database = openCountsDatabase(config);
  const points = rateOf(ratePerCaller, database);
  const quotas = createQuotas({
    limitsOf: await readQuotaLimits(config),
    startedRuns: database ? createSharedStartedRuns(database) : createStartedRuns(),
    counts: createRunCounts(client),
    keptBytes: createKeptBytes(blobs),
    now: Date.now,
  });
  return {
    addresses: rateOf(ratePerAddress),
    requests: rateOf(ratePerCaller * REQUESTS_PER_POINT),
    experiments(experiments, caller, announce) {
      const { tenant } = caller;
      const limited = quotaExperiments(experiments, tenant, { quotas, client });
      // What a rate keeps away is not announced: there may be any number of it.
      const within = announce
        ? announcedExperiments(limited, createTenancy(tenant), announce)
        : limited;
      return points ? ratedExperiments(within, caller, points) : within;
    },
    inTurn: turnsOf(database),
    close: async () => database?.close(),
  };
}

const rateOf = (perSecond: number, database?: CountsDatabase): Rate | undefined =>
  perSecond > 0 ? createRate(perSecond, database) : undefined;
