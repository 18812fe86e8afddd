import { describe, expect, it } from 'vitest';

import {
  carrierOf,
  currentTrace,
  parseTrace,
  traceHeaders,
  withTrace,
} from '../../../platform/tracing/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const traceparent = `00-${TRACE}-${SPAN}-01`;

describe('a trace in headers', () => {
  it('is read and written as W3C has it', () => {
    const trace = parseTrace({ traceparent, tracestate: 'vendor=1', baggage: 'who=me' });
    expect(trace).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true, tracestate: 'vendor=1' });
    expect(trace && carrierOf(trace)).toEqual({ traceparent, tracestate: 'vendor=1' });
  });

  it('is unsampled by its last bit alone, and may be of a later version that says more', () => {
    expect(parseTrace({ traceparent: `00-${TRACE}-${SPAN}-02` })).toMatchObject({ sampled: false });
    expect(parseTrace({ traceparent: `01-${TRACE}-${SPAN}-03-more` })).toMatchObject({
      sampled: true,
    });
  });

  it.each([
    undefined,
    7,
    '',
    'canary',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `${traceparent}\nother: header`,
  ])('is none when it is not one: %j', (strange) => {
    expect(parseTrace({ traceparent: strange })).toBeUndefined();
  });

  it.each(['x'.repeat(513), 'a=b\r\nc: d', 'a=ü', ''])(
    'keeps no strange tracestate',
    (tracestate) => {
      expect(parseTrace({ traceparent, tracestate })?.tracestate).toBeUndefined();
    },
  );
});

it('what happens at a place in a trace tells it to others, until it is over', async () => {
  const trace = parseTrace({ traceparent });
  await withTrace(trace, async () => {
    await Promise.resolve();
    expect(currentTrace()).toBe(trace);
    expect(traceHeaders()).toEqual({ traceparent });
    withTrace(undefined, () => expect(traceHeaders()).toEqual({}));
  });
  expect(currentTrace()).toBeUndefined();
});
