// npm run --silent stdio: MCP over stdin and stdout; with `-- --lines` the mission document's own protocol.
import { parseArgs } from 'node:util';

import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import { createLogger } from '../platform/logging.ts';
import { createAuthentication, ownIdentity } from '../server/access/authentication.ts';
import { serveLines } from '../server/lines.ts';
import { createMcpServerFactory } from '../server/mcp.ts';
import { createService } from '../server/service.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { aborted, stopSignal } from './shutdown.ts';

const { values } = parseArgs({ options: { lines: { type: 'boolean', default: false } } });
const config = configOrExit();
const logger = createLogger('stdio', config.LOG_LEVEL);
const stop = stopSignal(logger);
const identity = await createAuthentication(config, logger)
  .then((authentication) => ownIdentity(config, authentication))
  .catch(exitWith);
const concealing = identity !== undefined;
const service = await createService(config, logger, { concealing }).catch(exitWith);
if (values.lines) {
  const { stdin: input, stdout: output } = process;
  const served = serveLines({ ...service, identity, input, output, now: Date.now });
  await Promise.race([served, aborted(stop)]);
} else {
  const ended = new Promise((resolve) => process.stdin.once('close', resolve));
  const handle = serveStdio(
    createMcpServerFactory({
      ...{ ...service, identity },
      nameStyle: config.TOOL_NAME_STYLE,
      defaultWaitSeconds: 30,
      logger,
    }),
    {
      // As large a request as over HTTP.
      transport: new StdioServerTransport(undefined, undefined, {
        maxBufferSize: config.MAX_BODY_BYTES,
      }),
      onerror: (error) => logger.warn({ err: error }, 'stdio'),
    },
  );
  await Promise.race([ended, aborted(stop)]);
  await handle.close();
}
await service.close();
