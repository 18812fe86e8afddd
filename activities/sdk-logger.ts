import type { Logger } from '../platform/logging.ts';

const LEVELS = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** The SDK's names for what our lines name otherwise; a run is MLflow's there. */
const NAMES: Readonly<Record<string, string>> = {
  workflowId: 'workflow_id',
  runId: 'temporal_run_id',
  workflowType: 'workflow',
  activityType: 'activity',
  taskQueue: 'task_queue',
  sdkComponent: 'sdk',
  error: 'err',
  reason: 'err',
};

/** The SDK's own lines in our log, and in its form. */
export function sdkLogger(logger: Logger) {
  const log = (level: keyof typeof LEVELS, message: string, meta?: object): void => {
    // Our own interceptor has told of the attempt, in one line.
    if (message === 'Activity failed') return;
    // While Temporal is away, each of twenty pollers tells of each attempt to reach it.
    if (/^gRPC call \S+ retried \d+ times/.test(message)) level = 'DEBUG';
    // It is what the queue of trainings is for.
    if (message.startsWith('No workflows registered')) level = 'DEBUG';
    logger[LEVELS[level]](renamed(meta ?? {}), message);
  };
  return {
    log,
    trace: (message: string, meta?: object) => log('TRACE', message, meta),
    debug: (message: string, meta?: object) => log('DEBUG', message, meta),
    info: (message: string, meta?: object) => log('INFO', message, meta),
    warn: (message: string, meta?: object) => log('WARN', message, meta),
    error: (message: string, meta?: object) => log('ERROR', message, meta),
  };
}

function renamed(meta: object): object {
  return Object.fromEntries(
    Object.entries(meta).map(([name, value]: [string, unknown]) => [NAMES[name] ?? name, value]),
  );
}
