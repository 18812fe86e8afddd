import { createCipheriv, createDecipheriv } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
/** Random nonces of one key have this length (NIST SP 800-38D, 8.2). */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

interface Lock {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Never used twice with one key. */
  readonly nonce: Uint8Array;
  /** What is not encrypted, and must not be changed either. */
  readonly authenticated?: Uint8Array;
}

/** AES-256-GCM: the encrypted bytes, and their tag behind them. */
export function encrypt(plain: Uint8Array, { key, nonce, authenticated }: Lock): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce);
  if (authenticated) cipher.setAAD(authenticated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The bytes that {@link encrypt} was given. @throws Error when anything was changed */
export function decrypt(sealed: Uint8Array, { key, nonce, authenticated }: Lock): Buffer {
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  if (authenticated) decipher.setAAD(authenticated);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}
