import type { Config } from '../../schemas/config.ts';
import { readCodeVersion } from '../code-version.ts';
import type { Logger } from '../logging.ts';
import { untraced, type Tracing } from './tracing.ts';

/** Which part of the service makes the spans. */
export interface TracedPart {
  readonly component: 'server' | 'worker';
  readonly logger: Logger;
}

/** The tracing of the settings. Its libraries are loaded only where spans have somewhere to go. */
export async function openTracing(config: Config, part: TracedPart): Promise<Tracing> {
  const url = receiverOf(config);
  if (url === undefined || config.OTEL_SDK_DISABLED) return untraced;
  const { createOtlpTracing } = await import('./otlp-tracing.ts');
  return createOtlpTracing(config, { ...part, url, version: await readCodeVersion() });
}

function receiverOf(config: Config): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = config;
  return own ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
}
