import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';

import { createDataConverter } from '../platform/codec/data-converter.ts';
import { temporalConnectionOptions } from '../platform/temporal-connection.ts';
import { untraced } from '../platform/tracing/tracing.ts';
import type { Config } from '../schemas/config.ts';
import { retriesUntilClosed } from './closing-calls.ts';
import { tracedClient } from './traced-client.ts';

export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  /** What Temporal keeps of runs goes through it. */
  readonly codec: PayloadCodec;
  close(): Promise<void>;
}

/** A client of the settings’ Temporal. Connects lazily: one that is away is a failed call, not a failed start. */
export async function createTemporalClient(
  config: Config,
  tracing = untraced,
): Promise<TemporalClient> {
  const retries = retriesUntilClosed();
  const connection = Connection.lazy({
    interceptors: retries.interceptors,
    ...temporalConnectionOptions(config),
    connectTimeout: '5 seconds',
  });
  const dataConverter = await createDataConverter(config);
  const client = new Client({
    ...{ connection, dataConverter, namespace: config.TEMPORAL_NAMESPACE },
    interceptors: { workflow: [tracedClient(tracing)] },
  });
  return {
    ...{ client, connection, codec: dataConverter.payloadCodecs[0] },
    close() {
      retries.close();
      return connection.close();
    },
  };
}
