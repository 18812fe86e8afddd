import { NativeConnection } from '@temporalio/worker';

import type { Config } from '../schemas/config.ts';
import { Failure } from '../schemas/failure.ts';
import { temporalConnectionOptions } from './temporal-connection.ts';

/** A worker's connection to Temporal. @throws Failure SETUP_FAILED when nobody answers */
export async function connectWorker(config: Config): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(temporalConnectionOptions(config));
  } catch (cause) {
    throw new Failure(
      'SETUP_FAILED',
      `Temporal does not answer at ${config.temporalAddress}.`,
      'Start it, or correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY).',
      { cause },
    );
  }
}
