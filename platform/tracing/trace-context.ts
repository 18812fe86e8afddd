import { AsyncLocalStorage } from 'node:async_hooks';

import type { TraceCarrier } from '../../schemas/run-end.ts';

/** A place in a trace: the span that what happens now belongs to. */
export interface TraceContext {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  readonly tracestate?: string | undefined;
}

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** As W3C has it: at most so many characters, all of them printable. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

const current = new AsyncLocalStorage<TraceContext>();

/**
 * Reads W3C’s traceparent and tracestate, from wherever they came: undefined for anything else. Baggage is
 * not read, as it is anybody’s text and would lie in Temporal’s history.
 */
export function parseTrace(carrier: object): TraceContext | undefined {
  const { traceparent, tracestate } = carrier as Readonly<Record<string, unknown>>;
  const found = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent.trim()) : null;
  if (!found) return undefined;
  const [whole, traceId = '', spanId = '', flags = '', more] = found;
  // Only later versions may say more.
  if (whole.startsWith('00') && more !== undefined) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  const state =
    typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? tracestate : undefined;
  return { traceId, spanId, sampled, tracestate: state };
}

/** The same for others to read. */
export function carrierOf({ traceId, spanId, sampled, tracestate }: TraceContext): TraceCarrier {
  const traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
  return { traceparent, ...(tracestate !== undefined && { tracestate }) };
}

/** Where this happens; undefined outside of all traces. */
export function currentTrace(): TraceContext | undefined {
  return current.getStore();
}

/** Does something at a place in a trace; outside of all of them for undefined. */
export function withTrace<T>(trace: TraceContext | undefined, work: () => T): T {
  if (trace === current.getStore()) return work();
  return trace ? current.run(trace, work) : current.exit(work);
}

/** The headers of a request that is made here. */
export function traceHeaders(): Partial<TraceCarrier> {
  const trace = current.getStore();
  return trace ? carrierOf(trace) : {};
}
