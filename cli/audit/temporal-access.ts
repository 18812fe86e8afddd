import { Connection } from '@temporalio/client';

import type { TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import { temporalConnectionOptions } from '../../platform/temporal-connection.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';

/** Calls `use` with the Temporal of the settings. @throws Failure TEMPORAL_UNAVAILABLE */
export async function withTemporal<T>(
  config: Config,
  use: (access: TemporalAccess) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({
    ...temporalConnectionOptions(config),
    connectTimeout: '5 seconds',
  }).catch((cause: unknown) => {
    throw new Failure(
      'TEMPORAL_UNAVAILABLE',
      `Temporal does not answer at ${config.temporalAddress}.`,
      'Start it, or correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY).',
      { cause },
    );
  });
  try {
    return await use({
      connection,
      namespace: config.TEMPORAL_NAMESPACE,
      taskQueue: config.TEMPORAL_TASK_QUEUE,
    });
  } finally {
    await connection.close();
  }
}
