import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from '@modelcontextprotocol/server';

import { FAILURES } from '../../schemas/failure.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { runFailure } from '../tools/call-tool.ts';
import { readRunResource, RUN_TEMPLATES } from './run-resources.ts';

/** Serves the resources of runs. There are too many runs to list: tools answer with their ids. */
export function serveResources(
  server: Server,
  experiments: Pick<Experiments, 'get' | 'reportFile'>,
): void {
  server.registerCapabilities({ resources: {} });
  server.setRequestHandler('resources/list', () => ({ resources: [] }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...RUN_TEMPLATES],
  }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    const content = await readRunResource(experiments, uri).catch((error: unknown) => {
      const { code, message, hint } = runFailure(error);
      if (FAILURES[code].status === 404) throw new ResourceNotFoundError(uri);
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message} ${hint}`);
    });
    if (!content) throw new ResourceNotFoundError(uri);
    return { contents: [content] };
  });
}
