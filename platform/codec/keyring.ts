import { createHash, randomBytes } from 'node:crypto';

import { Failure } from '../../schemas/failure.ts';
import { readKeyFile, readOrMakeKeyFile } from './key-file.ts';

const KEY_BYTES = 32;

export interface PayloadKey {
  /** 16 hexadecimal digits, found from the key: stands beside what it encrypted. */
  readonly id: string;
  readonly bytes: Buffer;
  readonly addedAt: Date;
}

/** The keys of payloads: the first encrypts, all decrypt. */
export interface Keyring {
  /** @throws Failure SETUP_FAILED when the file is damaged */
  first(): Promise<PayloadKey>;
  /** Looks into the file again when the id is not known yet: another process may have added a key. */
  find(id: string): Promise<PayloadKey | undefined>;
}

/** The keys of a file, which is made (mode 0600, with one key) when a first key is asked for. */
export function createKeyring(path: string): Keyring {
  let keys: readonly PayloadKey[] = [];
  const byId = (id: string): PayloadKey | undefined => keys.find((key) => key.id === id);
  return {
    async first() {
      if (!keys[0]) {
        const text = await readOrMakeKeyFile(path, () => formatKeys([newPayloadKey()]));
        keys = parseKeys(text, path);
      }
      return keys[0] as PayloadKey;
    },
    async find(id) {
      const known = byId(id);
      if (known) return known;
      const text = await readKeyFile(path);
      if (text !== undefined) keys = parseKeys(text, path);
      return byId(id);
    },
  };
}

/** A random key, added now. */
export function newPayloadKey(): PayloadKey {
  return payloadKey(randomBytes(KEY_BYTES), new Date());
}

function payloadKey(bytes: Buffer, addedAt: Date): PayloadKey {
  const id = createHash('sha256').update('payload-key-id').update(bytes).digest('hex').slice(0, 16);
  return { id, bytes, addedAt };
}

/** A line a key: when it was added, and its 32 bytes in base64. */
export function formatKeys(keys: readonly PayloadKey[]): string {
  return [
    '# Keys of the payloads in Temporal: the first encrypts, all decrypt. Add one with: npm run payload-keys rotate',
    ...keys.map(({ bytes, addedAt }) => `${addedAt.toISOString()} ${bytes.toString('base64')}`),
    '',
  ].join('\n');
}

/** Reads what {@link formatKeys} wrote. @throws Failure SETUP_FAILED that names the wrong line, not its text */
export function parseKeys(text: string, path: string): PayloadKey[] {
  const keys = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [added = '', key = ''] = line.trim().split(/\s+/);
    const bytes = Buffer.from(key, 'base64');
    if (bytes.byteLength === KEY_BYTES && !Number.isNaN(Date.parse(added))) {
      return [payloadKey(bytes, new Date(added))];
    }
    throw damaged(`Line ${index + 1} of the key file ${path} is no date with a 32-byte key.`);
  });
  if (keys.length > 0) return keys;
  throw damaged(`The key file ${path} holds no key.`);
}

function damaged(message: string): Failure {
  return new Failure(
    'SETUP_FAILED',
    message,
    'Restore it from a backup: without its keys the runs that they encrypted can’t be read.',
  );
}
