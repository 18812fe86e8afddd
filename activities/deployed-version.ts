import { setTimeout } from 'node:timers/promises';

import { isRetired } from '../platform/deployment/retirement.ts';
import { becomeFirstVersion, type FirstVersionOptions } from './first-version.ts';

/** A version's workers learn within this time that it is drained. */
const LOOK_EVERY_MS = 10_000;

export interface DeployedVersionOptions extends Omit<FirstVersionOptions, 'signal'> {
  /** Called once, when an operator has retired the version and Temporal says that it is drained. */
  readonly retire: () => void;
}

/** What a worker does for its place in a deployment, until it is stopped: it steps in where nobody is, and out when told. */
export function followDeployment({ retire, ...options }: DeployedVersionOptions) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { access, version, logger } = options;
  const following = follow();
  return {
    async stop(): Promise<void> {
      stopping.abort();
      await following;
    },
  };

  async function follow(): Promise<void> {
    await becomeFirstVersion({ ...options, signal });
    while (!signal.aborted) {
      if (await isRetired(access, version).catch(() => false)) {
        logger.info({ version: version.buildId }, 'this version is drained and retired: stopping');
        retire();
        return;
      }
      await setTimeout(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
