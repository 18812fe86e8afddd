// npm run worker: one worker against the Temporal and MLflow of the settings, until it is told to stop.
import { startWorker } from '../activities/worker.ts';
import { createLogger } from '../platform/logging.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { aborted, stopSignal } from './shutdown.ts';

const config = configOrExit();
const logger = createLogger('worker', config.LOG_LEVEL);
const stop = stopSignal(logger);
const worker = await startWorker({ config, logger, environment: process.env }).catch(exitWith);
logger.info({ temporal: config.temporalAddress, mlflow: config.mlflowUrl }, 'worker started');
await Promise.race([aborted(stop), worker.stopped]);
await worker.stop();
