import type { IncomingMessage, ServerResponse } from 'node:http';

import { Failure } from '../../schemas/failure.ts';
import { runFailure } from '../tools/run-failure.ts';

/**
 * Whether a request names its host not at all, twice, or in two ways that differ: what checks one of them must
 * not let in what another part then takes from the other. A target that is a whole address is cut to its path.
 */
export function isStrange(incoming: IncomingMessage): boolean {
  const hosts = incoming.rawHeaders.filter((name, i) => i % 2 === 0 && /^host$/i.test(name));
  if (hosts.length !== 1) return true;
  const { url: target = '/', headers } = incoming;
  if (target.startsWith('/')) return false;
  const address = URL.parse(target);
  if (!address || !/^https?:$/.test(address.protocol)) return true;
  if (address.host !== headers.host?.toLowerCase()) return true;
  incoming.url = address.pathname + address.search;
  return false;
}

const refused = new Failure(
  'INVALID_REQUEST',
  'The request has no single host, or no address that can be read.',
  'Send one Host header, and a path that begins with a slash.',
);
const body = JSON.stringify({ error: refused.message, failure: runFailure(refused) });
const headers = {
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
  'x-content-type-options': 'nosniff',
};

/** For what Hono’s adapter can make no request of. */
export function strangeAnswer(): Response {
  return new Response(body, { status: 400, headers });
}

/** The same for what must not get that far; ends the connection, as what follows may be part of a trick. */
export function refuseStrange(outgoing: ServerResponse): void {
  outgoing.writeHead(400, { ...headers, connection: 'close' }).end(body);
}
