// npm run worker: one worker against the Temporal and MLflow of the settings, until it is told to stop.
import { startWorker } from '../activities/worker.ts';
import { createLogger } from '../platform/logging.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { openMetrics } from './open-metrics.ts';
import { settingsSummary } from './settings-summary.ts';
import { aborted, stopSignal } from './shutdown.ts';

const config = configOrExit();
const logger = createLogger('worker', config.LOG_LEVEL);
const stop = stopSignal(logger);
const { metrics, close } = await openMetrics(config, 'worker').catch(exitWith);
const worker = await startWorker({ config, logger, environment: process.env, metrics }).catch(
  exitWith,
);
logger.info({ ...settingsSummary(config), queues: config.WORKER_QUEUES }, 'worker started');
await Promise.race([aborted(stop), worker.stopped]);
await worker.stop();
await close();
logger.info('worker stopped');
