import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

import { scopeSchema, tenantSchema, type Caller } from '../../schemas/caller.ts';

const SECRET_BYTES = 32;
const KEY = /^dex_([0-9a-f]{12})_[\w-]{43}$/;

/** What is kept of a key. */
export const keyEntrySchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /** For people, and the subject of who calls with it. */
  name: z.string().regex(/^[\w.@-]{1,64}$/, 'has up to 64 letters, digits, dots, dashes and @'),
  tenant: tenantSchema,
  scopes: z.array(scopeSchema).min(1),
  /** Of the whole key: it has 256 random bits, which nobody finds by trying, so no slow hash is needed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.iso.datetime(),
  expires: z.iso.datetime().nullable(),
});
export type KeyEntry = z.infer<typeof keyEntrySchema>;

/** Makes a key. Its text is nowhere but in this answer. */
export function makeKey(
  { name, tenant, scopes, expires }: Pick<KeyEntry, 'name' | 'tenant' | 'scopes' | 'expires'>,
  now: Date,
): { readonly text: string; readonly entry: KeyEntry } {
  const id = randomBytes(6).toString('hex');
  const text = `dex_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const sha256 = hash(text).toString('hex');
  const created = now.toISOString();
  return { text, entry: { id, name, tenant, scopes, sha256, created, expires } };
}

/** Whether a text is meant to be a key, right or wrong, and no token. */
export function looksLikeKey(text: string): boolean {
  return text.startsWith('dex_');
}

/** Who calls with a key; undefined for a key that is wrong, unknown, revoked or expired. */
export function callerOfKey(
  entries: ReadonlyMap<string, KeyEntry>,
  text: string,
  now: Date,
): Caller | undefined {
  const [, id = ''] = KEY.exec(text) ?? [];
  const entry = entries.get(id);
  const right = Buffer.from(entry?.sha256 ?? '0'.repeat(64), 'hex');
  if (!timingSafeEqual(hash(text), right) || !entry) return undefined;
  if (entry.expires !== null && new Date(entry.expires) <= now) return undefined;
  const { tenant, name: subject, scopes } = entry;
  return { tenant, subject, scopes };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
