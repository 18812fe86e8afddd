import { destination, pino, type Logger as PinoLogger } from 'pino';

import { Failure } from '../schemas/failure.ts';
import { currentTrace } from './tracing/trace-context.ts';

export type Logger = PinoLogger;

/**
 * A failure is told in our own words; below it only the kinds and codes of its causes, because a driver's text may
 * quote a row or a password. An error that nobody foresaw keeps its stack, without which it is no use.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Failure)) {
    // Of Temporal's errors not the payloads that they carry.
    return { ...pino.stdSerializers.err(error as Error), failure: undefined, details: undefined };
  }
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    causes.push('code' in cause ? `${cause.name} ${String(cause.code)}` : cause.name);
  }
  const bug = error.code === 'INTERNAL' && error.cause instanceof Error;
  return {
    code: error.code,
    message: error.message,
    causes,
    ...(bug ? { stack: (error.cause as Error).stack } : {}),
  };
}

/** Kept of a log that can't be written just now; what comes after is lost. */
const BACKLOG_BYTES = 1 << 20;

/** A full disk or a pipe that nobody reads costs the log, not the process. */
function patientDestination() {
  const output = destination({ fd: 2, sync: true, maxLength: BACKLOG_BYTES });
  output.on('error', () => undefined);
  return output;
}

/** Where in a trace a line was written. */
function placeInTrace(): object {
  const trace = currentTrace();
  return trace ? { trace_id: trace.traceId, span_id: trace.spanId } : {};
}

/**
 * One JSON line an event on stderr: stdout belongs to the protocol in stdio mode. Beside level, time, component and
 * msg a line has, wherever they are known and under these names alone:
 * workflow_id (Temporal's), run_id (MLflow's), step, activity, attempt, tenant, trace_id, span_id; of a call also
 * tool, caller, request_id; of what has ended outcome, ms, code; of an error err. docs/observing.md lists them.
 */
export function createLogger(component: string, level: string): Logger {
  return pino(
    {
      level,
      base: { component },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      mixin: placeInTrace,
      redact: {
        paths: ['*.password', '*.conn', '*.secret', 'password', 'conn', 'secret'],
        censor: '***',
      },
    },
    patientDestination(),
  );
}
