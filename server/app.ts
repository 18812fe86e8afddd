import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  originValidationResponse,
  type McpServerFactory,
} from '@modelcontextprotocol/server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';

import { Failure } from '../schemas/failure.ts';
import { createMcpServerFactory, type McpOptions } from './mcp.ts';
import { codecOrigins, codecRoutes, type CodecRouteOptions } from './routes/codec.ts';
import { healthRoute, type Neighbour } from './routes/health.ts';
import { invokeRoute } from './routes/invoke.ts';
import { openApiDocument } from './routes/openapi.ts';
import { authInfoOf } from './access/auth-info.ts';
import type { DoorEnvironment } from './access/door-environment.ts';
import { toolCatalogue } from './routes/tools.ts';
import { runFailure } from './tools/call-tool.ts';
import { VERSION } from './version.ts';

export interface AppOptions extends McpOptions {
  readonly neighbours: readonly Neighbour[];
  readonly maxBodyBytes: number;
  /** Host names, without ports, under which clients may call besides the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** What the Temporal UI has payloads decoded by. */
  readonly codec?: CodecRouteOptions;
}

function refusal(failure: Failure, status: 403 | 404 | 405 | 413 | 500): Response {
  return Response.json({ error: failure.message, failure: runFailure(failure) }, { status });
}

/** Every HTTP door. It never listens: that is the caller's business. */
export function createApp(
  options: AppOptions,
  mcpServers: McpServerFactory = createMcpServerFactory(options),
): Hono<DoorEnvironment> {
  const { tools, logger } = options;
  const hosts = [...localhostAllowedHostnames(), ...options.allowedHosts];
  const mcp = createMcpHandler(mcpServers, {
    maxRequestBodySize: options.maxBodyBytes,
    onerror: (error) => logger.debug({ err: error }, 'MCP request refused'),
  });

  const app = new Hono<DoorEnvironment>();
  app.use(secureHeaders());
  // A page in a browser may not reach us under a name of its own (DNS rebinding).
  app.use(async (c, next) => {
    const refused =
      hostHeaderValidationResponse(c.req.raw, hosts) ??
      // There the Temporal UI asks, from an origin that need not be ours.
      (c.req.path.startsWith('/codec/') ? undefined : originValidationResponse(c.req.raw, hosts));
    if (!refused) return next();
    if (c.req.path === '/mcp') return refused;
    return refusal(
      new Failure(
        'HOST_NOT_ALLOWED',
        'The server does not answer under this host name or to pages of this origin.',
        'Call it by its own address, or name the host in ALLOWED_HOSTS.',
      ),
      403,
    );
  });
  if (options.codec) app.use('/codec/*', codecOrigins(options.codec));
  app.use(
    bodyLimit({
      maxSize: options.maxBodyBytes,
      onError: () =>
        refusal(
          new Failure(
            'REQUEST_TOO_LARGE',
            `A request may have at most ${options.maxBodyBytes} bytes.`,
            'Put the data into a file or a database and name it as the source.',
          ),
          413,
        ),
    }),
  );
  app.all('/mcp', (c) => mcp.fetch(c.req.raw, authInfoOf(c.get('caller'))));
  if (options.codec) app.route('/codec', codecRoutes(options.codec));
  app.post('/invoke', invokeRoute(options.callTool));
  app.get('/tools', (c) => c.json(toolCatalogue(tools)));
  app.get('/health', healthRoute(options.neighbours, VERSION));
  app.get('/openapi.json', (c) => c.json(openApiDocument(tools, VERSION)));
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
      404,
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
      500,
    );
  });
  return app;
}
