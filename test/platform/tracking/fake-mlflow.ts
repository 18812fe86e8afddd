import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach } from 'vitest';

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (response: ServerResponse, request: SeenRequest) => void;

export interface FakeServer {
  readonly url: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  /** Connections made so far. */
  readonly connections: number;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** A local HTTP server that gives the answers in turn, the last one for ever; closed after the test. */
export async function fakeServer(...answers: [Answer, ...Answer[]]): Promise<FakeServer> {
  const requests: SeenRequest[] = [];
  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = incoming;
    const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
    requests.push(request);
    (answers[requests.length - 1] ?? answers.at(-1)!)(response, request);
  }
  const server = createServer((incoming, response) => {
    // A request that its sender cuts off is no error of the test.
    handle(incoming, response).catch(() => response.destroy());
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
  };
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

export const text =
  (body: string, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
  };

export const mlflowError = (status: number, error_code: string, message: string): Answer =>
  json({ error_code, message }, status);

/** Breaks the connection without an answer. */
export const cut: Answer = (response) => response.destroy();
/** Never answers. */
export const hang: Answer = () => {};

export const overload = mlflowError(
  400,
  'BAD_REQUEST',
  'QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00',
);
