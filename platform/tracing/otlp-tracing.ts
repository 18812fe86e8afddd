import { ROOT_CONTEXT, SpanKind, type Span } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  SamplingDecision,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';

import type { Config } from '../../schemas/config.ts';
import { createExporter } from './exporter.ts';
import { knownIds } from './known-ids.ts';
import type { TracedPart } from './open-tracing.ts';
import { resourceOf } from './resource.ts';
import { samplerOf } from './sampler.ts';
import { contextOf, openSpan, placeOf, spanContextOf, told } from './span-values.ts';
import { currentTrace, withTrace } from './trace-context.ts';
import { codeOf, UNHEARD, type SpanDescription, type Tracing } from './tracing.ts';

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const;
/** A process that stops waits so long for its last spans. */
const LAST_MILLISECONDS = 2500;

type OtlpPart = TracedPart & { readonly url: string; readonly version: string };

/**
 * Spans over OTLP. Contexts are kept by trace-context.ts, and nothing of this is global: server and worker of one
 * process have each their own.
 */
export function createOtlpTracing(config: Config, part: OtlpPart): Tracing {
  const ids = knownIds();
  const sampler = samplerOf(config);
  const provider = new TracerProvider({
    resource: resourceOf(config, part),
    sampler,
    idGenerator: ids.generator,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: createExporter(config, part),
        scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
      }),
    ],
  });
  const tracer = provider.getTracer('durable-experiments', part.version);

  function begin(described: SpanDescription, startTime?: Date): Span {
    const { name, kind, attributes = {}, links = [], parent = currentTrace() } = described;
    const options = {
      kind: KINDS[kind],
      attributes: told(attributes),
      links: links.map((link) => ({ context: spanContextOf(link) })),
      ...(startTime && { startTime }),
    };
    return tracer.startSpan(name, options, contextOf(parent));
  }

  return {
    async during(described, work) {
      const outside = (described.parent ?? currentTrace()) === undefined;
      if (described.kind === 'client' && outside) return work(UNHEARD);
      const span = begin(described);
      try {
        return await withTrace(placeOf(span), () => work(openSpan(span)));
      } catch (error) {
        openSpan(span).failed(codeOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
    past({ ids: own, startedAt, endedAt, failedWith, ...described }) {
      const span = ids.as(own, () => begin(described, new Date(startedAt)));
      if (failedWith !== undefined) openSpan(span).failed(failedWith);
      span.end(new Date(endedAt));
    },
    root(own) {
      const { traceId } = own;
      const kind = SpanKind.INTERNAL;
      const asked = [ROOT_CONTEXT, traceId, '', kind, {}, []] as Parameters<
        Sampler['shouldSample']
      >;
      const { decision } = sampler.shouldSample(...asked);
      return { ...own, sampled: decision === SamplingDecision.RECORD_AND_SAMPLED };
    },
    async close() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, LAST_MILLISECONDS);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}
