import { createHash, timingSafeEqual } from 'node:crypto';

import type { Payload, PayloadCodec } from '@temporalio/common';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { z } from 'zod';

import { isLoopback } from '../../schemas/config.ts';
import { DEFAULT_TENANT, type Caller } from '../../schemas/caller.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';

/** Temporal answers with 4 MiB at most, which base64 makes a third longer. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface CodecRouteOptions {
  readonly codec: PayloadCodec;
  /** Where people open the Temporal UI: pages from there may ask; null when there is none. */
  readonly temporalUiUrl: string | null;
  /** A part of the address that opens it without a key: for a Temporal UI, which sends none. */
  readonly token?: string | undefined;
}

/** Temporal’s histories hold every tenant’s runs: only who may read all of them may have them decoded. */
export function mayDecode({ tenant, scopes }: Caller): boolean {
  return tenant === DEFAULT_TENANT && scopes.includes('audit:read');
}

/** Serves whoever has the token in the address; for all others it is no address of its own. */
export function codecByToken({ codec, token }: Pick<CodecRouteOptions, 'codec' | 'token'>) {
  const routes = codecRoutes({ codec }, () => true);
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return createMiddleware(async (c, next) => {
    const given = hash(c.req.param('token') ?? '');
    if (token === undefined || !timingSafeEqual(given, hash(token))) return next();
    const address = new URL(c.req.url);
    address.pathname = `/${c.req.param('way')}`;
    return routes.fetch(new Request(address, c.req.raw));
  });
}

/**
 * The only doors to other origins: the Temporal UI’s own. Answers a browser’s preflight, which bears no
 * key, so it has its place before whatever asks for one.
 */
export function codecOrigins({ temporalUiUrl }: Pick<CodecRouteOptions, 'temporalUiUrl'>) {
  const origins = originsOf(temporalUiUrl);
  const answer = cors({
    origin: origins,
    allowMethods: ['POST'],
    allowHeaders: ['authorization', 'content-type', 'x-namespace'],
    // The UI has a switch for it; nothing here looks at cookies.
    credentials: true,
    maxAge: 600,
  });
  return createMiddleware(async (c, next) => {
    const origin = c.req.header('origin');
    if (origin === undefined || origins.includes(origin)) return answer(c, next);
    return c.json({ error: 'Only the Temporal UI’s own pages may ask.' }, 403);
  });
}

/**
 * POST /decode and /encode as the Temporal UI and command line ask for them: {payloads: [{metadata, data}]}
 * in protobuf's JSON, bytes in base64. What can't be decoded comes back as it was, without a reason.
 */
export function codecRoutes(
  { codec }: Pick<CodecRouteOptions, 'codec'>,
  allowed: (c: Context<DoorEnvironment>) => boolean,
) {
  const app = new Hono<DoorEnvironment>();
  const guard = createMiddleware<DoorEnvironment>(async (c, next) => {
    if (allowed(c)) return next();
    c.set('refused', 'SCOPE_MISSING');
    return c.json({ error: 'This needs the scope audit:read of the default tenant.' }, 403);
  });
  const bound = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => c.json({ error: `At most ${MAX_BODY_BYTES} bytes at once.` }, 413),
  });
  for (const way of ['decode', 'encode'] as const) {
    app.post(`/${way}`, guard, bound, async (c) => {
      const body = bodySchema.safeParse(await c.req.json().catch(() => undefined));
      if (!body.success) return c.json({ error: 'The body is no list of payloads.' }, 400);
      const payloads = await Promise.all(
        body.data.payloads.map((entry) => converted(entry, (payload) => codec[way]([payload]))),
      );
      c.header('cache-control', 'no-store');
      return c.json({ payloads });
    });
  }
  return app;
}

const entrySchema = z.looseObject({
  metadata: z.record(z.string(), z.string()).nullish(),
  data: z.string().nullish(),
});
const bodySchema = z.object({ payloads: z.array(entrySchema) });
type Entry = z.infer<typeof entrySchema>;

async function converted(
  entry: Entry,
  convert: (payload: Payload) => Promise<Payload[]>,
): Promise<Entry> {
  const payload = {
    metadata: mapValues(entry.metadata ?? {}, (text) => Buffer.from(text, 'base64')),
    data: Buffer.from(entry.data ?? '', 'base64'),
  };
  const [result = payload] = await convert(payload).catch(() => []);
  if (result === payload) return entry;
  return {
    metadata: mapValues(result.metadata ?? {}, toBase64),
    data: toBase64(result.data ?? new Uint8Array()),
  };
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const mapValues = <From, To>(map: Record<string, From>, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)] as const));

/** The UI of this machine is opened under each name of it. */
function originsOf(address: string | null): string[] {
  if (address === null) return [];
  const { origin, hostname, protocol, port } = new URL(address);
  if (!isLoopback(hostname)) return [origin];
  const suffix = port === '' ? '' : `:${port}`;
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${protocol}//${host}${suffix}`);
}
