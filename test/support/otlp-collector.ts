import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { decodeSpans, type SentSpan } from './otlp-messages.ts';

/** Takes spans as Jaeger, Tempo and OpenTelemetry's collector do: OTLP over HTTP, in protobuf. */
export interface OtlpCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly SentSpan[];
  /** Everything that was sent, as it came. */
  bytes(): Buffer;
  /** The spans, once enough of them are there; the test's own timeout is the limit. */
  until(enough: (spans: readonly SentSpan[]) => boolean): Promise<readonly SentSpan[]>;
  close(): Promise<void>;
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: SentSpan[] = [];
  const bodies: Buffer[] = [];
  const waiting = new Set<() => void>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const known =
      request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
    response.writeHead(known ? 200 : 404).end();
    if (!known) return;
    const body = Buffer.concat(chunks);
    bodies.push(body);
    spans.push(...decodeSpans(body));
    for (const look of waiting) look();
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bytes: () => Buffer.concat(bodies),
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!enough(spans)) return;
          waiting.delete(look);
          resolve(spans);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
