import type { Logger } from '../platform/logging.ts';

/** The SDK's own lines in our log. */
export function sdkLogger(logger: Logger) {
  const levels = {
    TRACE: 'debug',
    DEBUG: 'debug',
    INFO: 'debug',
    WARN: 'warn',
    ERROR: 'error',
  } as const;
  const log = (level: keyof typeof levels, message: string, meta?: object): void => {
    // Our own interceptor has told of the attempt, in one line.
    if (message === 'Activity failed') return;
    // While Temporal is away, each of twenty pollers tells of each attempt to reach it.
    if (/^gRPC call \S+ retried \d+ times/.test(message)) level = 'DEBUG';
    logger[levels[level]](meta ?? {}, message);
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
