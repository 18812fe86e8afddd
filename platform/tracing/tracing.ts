import { Failure } from '../../schemas/failure.ts';
import type { TraceContext } from './trace-context.ts';
import { withTrace } from './trace-context.ts';

/** Ids, names out of short lists, and numbers. Nothing that anybody may have written: no text of errors either. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface SpanDescription {
  readonly name: string;
  /** A client’s span is only made where something else is traced. */
  readonly kind: 'server' | 'client' | 'internal';
  readonly attributes?: SpanAttributes;
  /** In place of where this happens. */
  readonly parent?: TraceContext | undefined;
  readonly links?: readonly TraceContext[];
}

/** A span that goes on. */
export interface OpenSpan {
  set(attributes: SpanAttributes): void;
  /** @param code from a short list */
  failed(code: string): void;
}

export type SpanIds = Pick<TraceContext, 'traceId' | 'spanId'>;

/** A span that is told of after its end, with the ids that it has been known by. */
export interface PastSpan extends SpanDescription {
  readonly ids: SpanIds;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failedWith?: string | undefined;
}

/** Makes spans, and sends them to whoever the settings name. */
export interface Tracing {
  /** Does something in a span, which is below the current one and ends with it. */
  during<T>(span: SpanDescription, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Tells of a span that has ended. */
  past(span: PastSpan): void;
  /**
   * Below a span that nobody has a trace for, in a trace of its own; undefined where no spans are made.
   * Whether that is recorded hangs on its id alone, so that every process says the same.
   */
  root(ids: SpanIds): TraceContext | undefined;
  /** Sends what is left, and waits for it a little. */
  close(): Promise<void>;
}

/** Nobody hears of it. */
export const UNHEARD: OpenSpan = { set: () => undefined, failed: () => undefined };

/** Makes no spans. Where callers say what trace they are in, that still goes on to log lines, steps and MLflow. */
export const untraced: Tracing = {
  during: ({ parent }, work) => (parent ? withTrace(parent, () => work(UNHEARD)) : work(UNHEARD)),
  past: () => undefined,
  root: () => undefined,
  close: async () => undefined,
};

/** Of an error, what may be told in a span: its code, ours or Temporal’s copy of it; OpenTelemetry’s own word for the rest. */
export function codeOf(error: unknown): string {
  if (error instanceof Failure) return error.code;
  const { name, type } = error as { readonly name?: unknown; readonly type?: unknown };
  if (name === 'CancelledFailure' || name === 'AbortError') return 'CANCELLED';
  return name === 'ApplicationFailure' && typeof type === 'string' ? type : '_OTHER';
}
