import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How TLS is spoken with one server. */
export interface TlsOptions {
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly ca?: string | undefined;
  /** Our own certificate and its key, both in one PEM text. */
  readonly clientCertificate?: string | undefined;
  /** True: whoever answers is trusted. */
  readonly insecure?: boolean | undefined;
}

/** Statuses whose answers have no body; `Response` insists on it. */
const BODILESS = [204, 205, 304];
/** Shorter than servers keep an idle connection, which must not break under the next request. */
const IDLE_MS = 4000;

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

function responseOf(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  const init = { status, headers: headersOf(incoming) };
  if (!BODILESS.includes(status)) {
    return new Response(Readable.toWeb(incoming) as ReadableStream, init);
  }
  incoming.resume();
  return new Response(null, init);
}

type Body = string | Uint8Array | Blob | null;

function bytesOf(body: Body): number {
  if (body === null) return 0;
  return body instanceof Blob ? body.size : Buffer.byteLength(body);
}

/**
 * A `fetch` for one https server with TLS options of its own, which Node's fetch does not take. It
 * knows what the MLflow client uses: an address as text, a body of text, bytes or a Blob; redirects
 * are never followed. Plain http goes to Node's own fetch. Connections stay open for a while.
 */
export function createTlsFetch(tls: TlsOptions): typeof globalThis.fetch {
  const agent = new Agent({
    keepAlive: true,
    timeout: IDLE_MS,
    rejectUnauthorized: !tls.insecure,
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.clientCertificate !== undefined && {
      cert: tls.clientCertificate,
      key: tls.clientCertificate,
    }),
  });

  return async (input, init = {}) => {
    if (typeof input !== 'string') throw new TypeError('the address must be text');
    if (!input.startsWith('https:')) return globalThis.fetch(input, init);
    const body = (init.body ?? null) as Body;
    const signal = init.signal ?? undefined;
    signal?.throwIfAborted();
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      // Node would send a body of unknown length in chunks, which not every proxy takes.
      ...(body !== null && { 'content-length': String(bytesOf(body)) }),
    };
    const outgoing = request(input, { method: init.method ?? 'GET', headers, agent });
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    let answer: IncomingMessage | undefined;
    const abort = () => {
      const reason = signal?.reason as Error;
      answer?.destroy(reason);
      outgoing.destroy(reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    outgoing.on('error', (error) => reject(signal?.aborted ? (signal.reason as Error) : error));
    outgoing.on('close', () => signal?.removeEventListener('abort', abort));
    outgoing.on('response', (incoming) => {
      answer = incoming;
      resolve(responseOf(incoming));
    });
    if (body instanceof Blob) {
      // Its errors are the request's own, or an unreadable file.
      pipeline(Readable.fromWeb(body.stream()), outgoing).catch((error: Error) => reject(error));
    } else {
      outgoing.end(body ?? undefined);
    }
    return promise;
  };
}
