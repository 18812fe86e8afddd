import protobuf from 'protobufjs';

/** Of opentelemetry-proto 1.x, what traces are made of. */
const { root } = protobuf.parse(`
syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
  string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; repeated Event events = 11; repeated Link links = 13; Status status = 15;
}
message Event { string name = 2; }
message Link { bytes trace_id = 1; bytes span_id = 2; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`);
const request = root.lookupType('ExportTraceServiceRequest');

type Value = string | number | boolean;

/** A span as it was sent. */
export interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentId: string;
  readonly kind: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Its own, and those of its process. */
  readonly attributes: Readonly<Record<string, Value>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly events: readonly unknown[];
  /** 2 is an error. */
  readonly status: { readonly code?: number; readonly message?: string };
}

/** The spans of an ExportTraceServiceRequest. */
export function decodeSpans(bytes: Buffer): SentSpan[] {
  const options = { bytes: String, longs: Number, defaults: false, arrays: true };
  const { resourceSpans } = request.toObject(request.decode(bytes), options) as Sent;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...{ name: span.name, kind: span.kind, events: span.events },
        ...{
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parentId: hex(span.parentSpanId),
        },
        startedAt: span.startTimeUnixNano / 1e6,
        endedAt: span.endTimeUnixNano / 1e6,
        attributes: { ...valuesOf(resource.attributes), ...valuesOf(span.attributes) },
        links: span.links.map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
        status: span.status ?? {},
      })),
    ),
  );
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, Value>>;
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly kind: number;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: number;
        readonly endTimeUnixNano: number;
        readonly attributes: readonly Attribute[];
        readonly events: readonly unknown[];
        readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
        readonly status?: SentSpan['status'];
      }[];
    }[];
  }[];
}

const hex = (base64 = ''): string => Buffer.from(base64, 'base64').toString('hex');

function valuesOf(attributes: readonly Attribute[]): Record<string, Value> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value)[0] as Value]),
  );
}
