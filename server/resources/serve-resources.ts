import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';

import { FAILURES } from '../../schemas/failure.ts';
import type { ServedMethod } from '../audit/served-method.ts';
import { runFailure } from '../tools/run-failure.ts';
import { readRunResource, RUN_TEMPLATES } from './run-resources.ts';

/** Kept of one that was asked for; ours are shorter. */
const LONGEST_URI = 1000;

/** Serves the resources of runs. There are too many runs to list: tools answer with their ids. */
export function serveResources(server: Server, served: ServedMethod): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/list', () => ({ resources: [] }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...RUN_TEMPLATES],
  }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    const request = { method: 'resources/read', params: { uri: uri.slice(0, LONGEST_URI) } };
    const content = await served(request, context, (experiments) =>
      readRunResource(experiments, uri),
    ).catch((error: unknown) => {
      const { code, message, hint } = runFailure(error);
      if (FAILURES[code].status === 404) throw new ResourceNotFoundError(uri);
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message} ${hint}`);
    });
    if (!content) throw new ResourceNotFoundError(uri);
    return { contents: [content] };
  });
}
