import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

import type { Config } from '../../schemas/config.ts';
import type { TracedPart } from './open-tracing.ts';

/** Between two lines that say that spans are lost. */
const LINE_EVERY_MS = 5 * 60_000;

/**
 * Sends spans to a receiver. One that is away, slow or refuses costs those spans and, seldom, a line in the log;
 * what it answered is not quoted.
 */
export function createExporter(
  config: Config,
  { url, logger }: Pick<TracedPart, 'logger'> & { readonly url: string },
): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url,
    headers: {
      ...parseKeyPairsIntoRecord(config.OTEL_EXPORTER_OTLP_HEADERS),
      ...parseKeyPairsIntoRecord(config.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
    },
    timeoutMillis: config.OTEL_EXPORTER_OTLP_TIMEOUT,
  });
  let lost = 0;
  let toldAt = -Infinity;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        if (error !== undefined) lost += spans.length;
        if (lost > 0 && performance.now() - toldAt > LINE_EVERY_MS) {
          toldAt = performance.now();
          logger.warn({ spans: lost, receiver: new URL(url).host }, 'spans could not be sent');
          lost = 0;
        }
        done({ code });
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
