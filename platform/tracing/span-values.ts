import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';

import type { TraceContext } from './trace-context.ts';
import type { OpenSpan, SpanAttributes } from './tracing.ts';

/** A span of OpenTelemetry’s as the rest of the service sees it. */
export function openSpan(span: Span): OpenSpan {
  return {
    set: (attributes) => void span.setAttributes(told(attributes)),
    failed(code) {
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
  };
}

/** Without what has no value. */
export function told(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const known = Object.entries(attributes).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return Object.fromEntries(known) as Record<string, string | number | boolean>;
}

export function spanContextOf({ traceId, spanId, sampled, tracestate }: TraceContext): SpanContext {
  return {
    ...{ traceId, spanId, isRemote: true },
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(tracestate !== undefined && { traceState: new TraceState(tracestate) }),
  };
}

/** What a span below `parent` is begun in. */
export function contextOf(parent: TraceContext | undefined): Context {
  return parent ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)) : ROOT_CONTEXT;
}

/** Where everything within a span happens. */
export function placeOf(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
  return { traceId, spanId, sampled, tracestate: traceState?.serialize() };
}
