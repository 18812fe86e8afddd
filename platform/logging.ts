import { destination, pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** One JSON line an event on stderr: stdout belongs to the protocol in stdio mode. */
export function createLogger(component: string, level: string): Logger {
  return pino(
    {
      level,
      base: { component },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['*.password', '*.conn', '*.secret', 'password', 'conn', 'secret'],
        censor: '***',
      },
    },
    destination({ fd: 2, sync: true }),
  );
}
