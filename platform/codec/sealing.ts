import { createHash, randomBytes } from 'node:crypto';

import { Failure } from '../../schemas/failure.ts';
import type { SealedSecret } from '../../schemas/source.ts';
import { decrypt, encrypt, NONCE_BYTES } from './aes-gcm.ts';
import { readOrMakeKeyFile } from './key-file.ts';

const KEY_BYTES = 32;

/** Closes secrets so that they may stand in Temporal's history, and opens them in the worker. */
export interface Sealer {
  seal(secret: string): SealedSecret;
  /** @throws Failure CONNECTION_NOT_ALLOWED when it was sealed with another key or changed. */
  open(sealed: SealedSecret): string;
}

/** A sealer with a 32-byte key: AES-256-GCM, a fresh 96-bit nonce for each secret. */
export function createSealer(key: Buffer): Sealer {
  const keyId = createHash('sha256').update('seal-key-id').update(key).digest('hex').slice(0, 16);
  const authenticated = Buffer.from(keyId);
  return {
    seal(secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const data = encrypt(Buffer.from(secret), { key, nonce, authenticated });
      return { keyId, iv: nonce.toString('base64'), data: data.toString('base64') };
    },
    open(sealed) {
      const nonce = Buffer.from(sealed.iv, 'base64');
      try {
        const data = Buffer.from(sealed.data, 'base64');
        return decrypt(data, { key, nonce, authenticated }).toString();
      } catch (cause) {
        throw new Failure(
          'CONNECTION_NOT_ALLOWED',
          'The worker can’t open the connection string of this run.',
          'Give server and worker the same SEAL_KEY_FILE, then start the run again.',
          { cause },
        );
      }
    },
  };
}

/** Reads the key file, or makes it (mode 0600) at the first start; safe when two processes start at once. */
export async function loadSealKey(path: string): Promise<Buffer> {
  const text = await readOrMakeKeyFile(
    path,
    () => `${randomBytes(KEY_BYTES).toString('base64')}\n`,
  );
  const key = Buffer.from(text.trim(), 'base64');
  if (key.byteLength === KEY_BYTES) return key;
  throw new Failure(
    'SETUP_FAILED',
    `The key file ${path} does not hold a 32-byte key in base64.`,
    'Restore it from a backup, or remove it to have a new one made.',
  );
}
