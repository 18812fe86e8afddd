import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request on its way. */
export type Fault =
  | 'ok'
  /** The connection breaks; the server behind never hears of the request. */
  | 'reset'
  | '500'
  /** MLflow's answer when its connection pool is empty; the server behind never hears of it. */
  | 'overload-400'
  /** No answer, until the proxy closes. */
  | 'hang'
  /** The server does its work, its answer is thrown away and the connection broken. */
  | 'commit-then-cut'
  /** The connection breaks at once; the server gets the request when `release` is called. */
  | 'cut-then-commit'
  /** The answer breaks off after its first piece. */
  | 'half'
  /** `slowMs` before the request is passed on. */
  | 'slow';

/** 'refuse': nobody listens on the port. */
export type Mode = Fault | 'refuse' | ((request: IncomingMessage) => Fault);

export interface FaultProxy {
  readonly url: string;
  setMode(mode: Mode): Promise<void>;
  /** Method and path (without query) of every request so far, faulty ones included. */
  readonly seen: readonly { method: string; path: string; fault: Fault }[];
  /** Passes on what 'cut-then-commit' has held back; resolves when the server has done it all. */
  release(): Promise<void>;
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

const OVERLOAD = JSON.stringify({
  error_code: 'BAD_REQUEST',
  message:
    'QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)',
  error_class: 'INVALID_PARAMETER_VALUE',
});

/** An HTTP proxy before a real server that lets requests through, or breaks them as it is told. */
export async function startFaultProxy(options: {
  target: string;
  mode?: Mode;
  slowMs?: number;
  /** Leaves the Host header as it is: S3’s signatures cover it. */
  keepHost?: boolean;
}): Promise<FaultProxy> {
  const target = new URL(options.target);
  const seen: { method: string; path: string; fault: Fault }[] = [];
  let mode: Mode = options.mode ?? 'ok';
  let held: (() => Promise<void>)[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;

  function answer(response: ServerResponse, status: number, body: string): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
    const { hostname, port } = target;
    const { method, url: path } = incoming;
    const { host } = options.keepHost ? incoming.headers : target;
    const headers = { ...incoming.headers, host };
    const passed = httpRequest({ hostname, port, method, path, headers }, (upstream) => {
      if (fault !== 'commit-then-cut') {
        outgoing.writeHead(upstream.statusCode ?? 502, upstream.headers);
        if (fault === 'half') upstream.once('data', () => incoming.socket.destroySoon());
        upstream.pipe(outgoing);
        return;
      }
      upstream.resume().on('end', () => incoming.socket.destroy());
    });
    passed.on('error', () => incoming.socket.destroy());
    // A client that gives up takes its request along, as without a proxy.
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  }

  async function hold(incoming: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = 'GET', url: path = '', headers } = incoming;
    const type = headers['content-type'];
    held.push(async () => {
      const sent = await fetch(new URL(path, target), {
        method,
        body: Buffer.concat(chunks),
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      });
      await sent.arrayBuffer();
    });
    incoming.socket.destroy();
  }

  function handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const fault = typeof mode === 'function' ? mode(incoming) : mode;
    if (fault === 'refuse') {
      incoming.socket.destroy();
      return;
    }
    const path = (incoming.url ?? '').split('?', 1)[0] ?? '';
    seen.push({ method: incoming.method ?? '', path, fault });
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    outgoing.on('close', () => (atOnce -= 1));
    switch (fault) {
      case 'reset':
        incoming.socket.resetAndDestroy();
        break;
      case '500':
        incoming.resume();
        answer(outgoing, 500, '{"error_code": "INTERNAL_ERROR", "message": "secret detail"}');
        break;
      case 'overload-400':
        incoming.resume();
        answer(outgoing, 400, OVERLOAD);
        break;
      case 'hang':
        break;
      case 'cut-then-commit':
        hold(incoming).catch(() => incoming.socket.destroy());
        break;
      case 'slow':
        setTimeout(() => forward(incoming, outgoing, fault), options.slowMs ?? 200);
        break;
      case 'ok':
      case 'half':
      case 'commit-then-cut':
        forward(incoming, outgoing, fault);
        break;
    }
  }

  let server: Server | undefined;
  let port = 0;
  async function open(): Promise<void> {
    const opened = createServer(handle);
    await new Promise<void>((done, failed) => {
      opened.once('error', failed).listen(port, '127.0.0.1', done);
    });
    port = (opened.address() as AddressInfo).port;
    server = opened;
  }
  async function shut(): Promise<void> {
    const shutting = server;
    server = undefined;
    if (!shutting) return;
    await new Promise<void>((done) => {
      shutting.close(() => done());
      shutting.closeAllConnections();
    });
  }
  await open();
  if (mode === 'refuse') await shut();

  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    get mostAtOnce() {
      return mostAtOnce;
    },
    async release() {
      const sending = held;
      held = [];
      await Promise.all(sending.map((send) => send()));
    },
    async setMode(next) {
      mode = next;
      if (next === 'refuse') await shut();
      else if (!server) await open();
    },
    close: shut,
  };
}
