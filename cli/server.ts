// npm run server: the HTTP server alone, against the Temporal and MLflow of the settings.
import { createLogger } from '../platform/logging.ts';
import { startServer } from '../server/listen.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { aborted, stopSignal } from './shutdown.ts';

const config = configOrExit();
const logger = createLogger('server', config.LOG_LEVEL);
const stop = stopSignal(logger);
const server = await startServer(config, logger).catch(exitWith);
logger.info(
  { mcp: `${server.url}/mcp`, temporal: config.temporalAddress, mlflow: config.mlflowUrl },
  'server started',
);
await aborted(stop);
await server.stop();
