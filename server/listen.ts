import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';

import type { Logger } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics/create-metrics.ts';
import type { Config } from '../schemas/config.ts';
import { Failure } from '../schemas/failure.ts';
import { createAuthentication, demandAuthentication, hostNames } from './access/authentication.ts';
import { createApp } from './app.ts';
import { createHttpServer } from './limits/http-server.ts';
import { createService } from './service.ts';

export interface RunningServer {
  /** Base address, without a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Calls of clients that wait get so long to end when the server stops. */
const GRACE_MILLISECONDS = 5000;

/**
 * Starts the HTTP server; resolves when it listens.
 * @throws Failure SETUP_FAILED on a taken port, and where others would reach it without being asked who they are
 */
export async function startServer(
  config: Config,
  logger: Logger,
  metrics?: Metrics,
): Promise<RunningServer> {
  const authentication = await createAuthentication(config, logger);
  demandAuthentication(config, authentication);
  const service = await createService(config, logger, {
    ...{ concealing: authentication !== undefined, metrics },
  });
  const app = createApp({
    ...{ ...service, authentication, metrics },
    nameStyle: config.TOOL_NAME_STYLE,
    defaultWaitSeconds: 30,
    maxBodyBytes: config.MAX_BODY_BYTES,
    codec: {
      ...{ codec: service.codec, token: config.CODEC_TOKEN },
      temporalUiUrl: config.temporalUiUrl,
    },
    allowedHosts: hostNames(config),
    logger,
  });
  const server = await listen(app.fetch, config);
  const { port } = server.address() as AddressInfo;
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  return {
    url: `http://${host}:${port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
      await closed;
      clearTimeout(late);
      await service.close();
    },
  };
}

async function listen(
  fetch: Parameters<typeof createHttpServer>[0],
  config: Config,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createHttpServer(fetch, {
      maxConnections: config.MAX_CONNECTIONS,
      connectionsPerAddress: config.connectionsPerAddress,
    });
    server.listen(config.PORT, config.HOST, () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? portTaken(config, { cause: error })
          : new Failure(
              'SETUP_FAILED',
              `The server can’t listen on ${config.HOST}:${config.PORT}.`,
              'Set HOST and PORT to an address of this machine.',
              { cause: error },
            ),
      );
    });
  });
}

export function portTaken(config: Config, options?: ErrorOptions): Failure {
  return new Failure(
    'SETUP_FAILED',
    `Port ${config.PORT} on ${config.HOST} is taken.`,
    'Set PORT to a free one, or stop what holds it.',
    options,
  );
}
