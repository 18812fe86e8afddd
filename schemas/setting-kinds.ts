import { z } from 'zod';

/** True for the names that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  // Not what merely begins like an address: 127.0.0.1.example.org may be anywhere.
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

export const port = (value: number) => z.coerce.number().int().min(0).max(65_535).default(value);
export const count = (value: number) => z.coerce.number().int().min(1).default(value);
export const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text === 'true' || text === '1');
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
);
export const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'must be an http:// or https:// address',
});

/** What whoever sits on the way must not be able to change. */
export const trustedUrl = httpUrl.refine(
  (address) => !address.startsWith('http://') || isLoopback(new URL(address).hostname),
  'must be an https:// address',
);
