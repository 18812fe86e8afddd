import type { FailureCode } from './failure.ts';

/** A trace as it travels in headers: W3C’s traceparent and, where there is one, its tracestate. */
export interface TraceCarrier {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

/** What the workflow’s interceptor tells its worker of an execution that has ended. */
export interface RunEnd {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly code: FailureCode | null;
  /** Milliseconds since the epoch, by the workflow’s clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** MLflow run, when it was opened. */
  readonly mlflowRunId: string | null;
  readonly tenant: string | null;
  /** Of whoever started the workflow; null when nobody said. */
  readonly trace: TraceCarrier | null;
  /** Of whoever retried it. */
  readonly retriedBy: readonly TraceCarrier[];
}

/**
 * The way from the workflows’ sandbox into the worker. Called once for each end, again only when the worker dies
 * or the workflow task fails at that moment; never in a replay.
 */
// An interface would lack the index signature that the SDK asks of sinks.
export type RunSinks = { readonly runs: { readonly ended: (end: RunEnd) => void } };
