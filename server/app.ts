import { randomUUID } from 'node:crypto';

import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server';
import { Hono, type Context } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

import type { Metrics } from '../platform/metrics/create-metrics.ts';
import { parseTrace, withTrace } from '../platform/tracing/trace-context.ts';
import { Failure } from '../schemas/failure.ts';
import { authInfoOf } from './access/auth-info.ts';
import { authenticate } from './access/authenticate.ts';
import type { DoorEnvironment } from './access/door-environment.ts';
import { countRefusals } from './audit/door-refusals.ts';
import type { Refusals } from './audit/refusals.ts';
import { toolsFor } from './access/rules.ts';
import { bodyLimit } from './limits/body-limit.ts';
import type { Limits } from './limits/create-limits.ts';
import { addressRate, callerRate } from './limits/request-rates.ts';
import { strangerOf } from './access/stranger.ts';
import { createMcpServerFactory, type McpOptions } from './mcp.ts';
import { aliveRoute } from './routes/alive.ts';
import {
  codecByToken,
  codecOrigins,
  codecRoutes,
  mayDecode,
  type CodecRouteOptions,
} from './routes/codec.ts';
import { countedDoorRefusals } from './metrics/counted-refusals.ts';
import { bareHealthRoute, healthRoute, type Neighbour } from './routes/health.ts';
import { hostCheck } from './routes/host-check.ts';
import { invokeRoute } from './routes/invoke.ts';
import { metricsRoute } from './routes/metrics.ts';
import { openApiDocument } from './routes/openapi.ts';
import { refusal } from './routes/refusal.ts';
import { toolCatalogue } from './routes/tools.ts';
import { VERSION } from './version.ts';

export interface AppOptions extends McpOptions {
  readonly neighbours: readonly Neighbour[];
  readonly maxBodyBytes: number;
  /** Undefined: requests are not counted. */
  readonly limits?: Pick<Limits, 'addresses' | 'requests'> | undefined;
  /** Undefined: what is refused is not counted. */
  readonly refusals?: Pick<Refusals, 'add'> | undefined;
  /** Undefined: there is no /metrics. */
  readonly metrics?: Metrics | undefined;
  /** Host names, without ports, under which clients may call besides the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** What the Temporal UI has payloads decoded by. */
  readonly codec?: CodecRouteOptions;
}

/** Every HTTP door. It never listens: that is the caller's business. */
export function createApp(
  options: AppOptions,
  mcpServers: McpServerFactory = createMcpServerFactory(options),
): Hono<DoorEnvironment> {
  const { authentication, logger } = options;
  const resource = authentication?.resource;
  const mcp = createMcpHandler(mcpServers, {
    maxRequestBodySize: options.maxBodyBytes,
    onerror: (error) => logger.debug({ err: error }, 'MCP request refused'),
  });

  const app = new Hono<DoorEnvironment>();
  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    await withTrace(parseTrace(c.req.header()), next);
    c.header('x-request-id', c.get('requestId'));
  });
  app.use(countRefusals(options.refusals));
  app.use(countedDoorRefusals(options.metrics?.calls));
  app.use(secureHeaders());
  app.use(hostCheck(options.allowedHosts));
  app.get('/health/live', aliveRoute);
  app.use(addressRate(options.limits?.addresses));
  if (options.codec) {
    app.use('/codec/*', codecOrigins(options.codec));
    app.use('/codec/:token/:way', codecByToken(options.codec));
  }
  if (authentication) {
    app.get('/health', bareHealthRoute(options.neighbours));
    if (resource) {
      const paths = [
        '/.well-known/oauth-protected-resource',
        new URL(resource.metadataUrl).pathname,
      ];
      app.on('GET', paths, (c) => c.json(resource.metadata));
    }
    // Before any of a body is read.
    app.use(authenticate(authentication, logger));
  }
  app.use(callerRate(options.limits?.requests));
  app.use(bodyLimit(options.maxBodyBytes));
  const callerOf = (c: Context<DoorEnvironment>) =>
    c.get('caller') ?? strangerOf(authentication)('http');
  const toolsOf = (c: Context<DoorEnvironment>) => toolsFor(options.tools, callerOf(c));
  app.all('/mcp', (c) => mcp.fetch(c.req.raw, authInfoOf(c.get('caller'), resource?.metadataUrl)));
  if (options.codec)
    app.route(
      '/codec',
      codecRoutes(options.codec, (c) => mayDecode(callerOf(c))),
    );
  app.post('/invoke', invokeRoute(options));
  app.get('/tools', (c) => c.json(toolCatalogue(toolsOf(c))));
  app.get('/health', healthRoute(options.neighbours, VERSION));
  if (options.metrics) app.get('/metrics', metricsRoute(options.metrics, callerOf));
  app.get('/openapi.json', (c) => c.json(openApiDocument(toolsOf(c), VERSION)));
  app.all('/invoke', () =>
    refusal(
      new Failure(
        'INVALID_REQUEST',
        'This address takes POST only.',
        'Send the request as a POST.',
      ),
      405,
    ),
  );
  app.notFound(() =>
    refusal(
      new Failure(
        'UNKNOWN_TOOL',
        'There is nothing under this address.',
        'Use /mcp, /invoke, /tools, /health or /openapi.json.',
      ),
    ),
  );
  app.onError((error) => {
    logger.error({ err: error }, 'request failed');
    return refusal(
      new Failure(
        'INTERNAL',
        'The server failed for a reason of its own.',
        'The log has the details.',
      ),
    );
  });
  return app;
}
