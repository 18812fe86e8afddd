import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';

import type { SpanIds } from './tracing.ts';

/** Random ids, but for spans whose ids were given away before they were told of. */
export function knownIds() {
  const random = new RandomIdGenerator();
  let known: SpanIds | undefined;
  const generator: IdGenerator = {
    generateTraceId: () => known?.traceId ?? random.generateTraceId(),
    generateSpanId: () => known?.spanId ?? random.generateSpanId(),
  };
  return {
    generator,
    as<T>(own: SpanIds, make: () => T): T {
      known = own;
      try {
        return make();
      } finally {
        known = undefined;
      }
    },
  };
}
