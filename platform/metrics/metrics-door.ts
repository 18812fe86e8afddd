import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Metrics } from './create-metrics.ts';

/** Where Prometheus asks, and nobody else is meant to. */
export interface MetricsDoor {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Opens METRICS_PORT: GET /metrics, for whoever can reach it. Undefined where it is not set.
 * @throws Failure SETUP_FAILED on a taken port
 */
export async function openMetricsDoor(
  { METRICS_PORT: port, METRICS_HOST: host }: Pick<Config, 'METRICS_PORT' | 'METRICS_HOST'>,
  metrics: Pick<Metrics, 'page'>,
): Promise<MetricsDoor | undefined> {
  if (port === undefined) return undefined;
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.page().then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Failure(
          'SETUP_FAILED',
          `The metrics can’t be shown on ${host}:${port}.`,
          'Set METRICS_HOST to an address of this machine, and METRICS_PORT to a free port.',
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
