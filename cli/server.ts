// npm run server: the HTTP server alone, against the Temporal and MLflow of the settings.
import { createLogger } from '../platform/logging.ts';
import { startServer } from '../server/listen.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { openMetrics } from './open-metrics.ts';
import { settingsSummary } from './settings-summary.ts';
import { aborted, stopSignal } from './shutdown.ts';

const config = configOrExit();
const logger = createLogger('server', config.LOG_LEVEL);
const stop = stopSignal(logger);
const { metrics, close } = await openMetrics(config, 'server').catch(exitWith);
const server = await startServer(config, logger, metrics).catch(exitWith);
logger.info({ mcp: `${server.url}/mcp`, ...settingsSummary(config) }, 'server started');
await aborted(stop);
await server.stop();
await close();
logger.info('server stopped');
