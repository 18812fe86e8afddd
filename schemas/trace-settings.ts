import { z } from 'zod';

import { count, flag, httpUrl } from './setting-kinds.ts';

const PROTOCOL = z
  .enum(['http/protobuf'], { error: 'may only be http/protobuf' })
  .default('http/protobuf');
const headers = z
  .string()
  .regex(/^(?:[^=,]+=[^,]*(?:,|$))*$/, 'has the form name=value,name=value')
  .optional();

/** Where spans go, by the names that OpenTelemetry’s specification gives; docs/observing.md explains them. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl
    .optional()
    .describe('OTLP receiver, to which /v1/traces is added; no spans are made when unset.'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl
    .optional()
    .describe('The same for spans alone, used as it is.'),
  OTEL_EXPORTER_OTLP_HEADERS: headers.describe('Headers for the receiver: name=value,name=value.'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers.describe('The same for spans alone.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: PROTOCOL.describe('How spans are sent; nothing else is spoken.'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: PROTOCOL.describe('The same for spans alone.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: count(3000).describe(
    'Milliseconds that sending spans may take, tries again included; a process that stops waits no longer.',
  ),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .describe('service.name of the spans; durable-experiments when unset.'),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .optional()
    .describe('Attributes of all spans: name=value,name=value.'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      ...(['always_on', 'always_off', 'traceidratio', 'parentbased_always_on'] as const),
      ...(['parentbased_always_off', 'parentbased_traceidratio'] as const),
    ])
    .default('parentbased_always_on')
    .describe('Which traces are recorded.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of the traces, for the samplers with traceidratio in their name.'),
  OTEL_BSP_SCHEDULE_DELAY: count(5000).describe('Milliseconds that spans are gathered.'),
  OTEL_SDK_DISABLED: flag.prefault('').describe('Make no spans, whatever else is set.'),
} as const;
