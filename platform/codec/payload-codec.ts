import { randomBytes } from 'node:crypto';

import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

import { Failure } from '../../schemas/failure.ts';
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts';
import type { Keyring, PayloadKey } from './keyring.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';

export interface PayloadCodecOptions {
  readonly keyring: Keyring;
  /** When false, what is written stays plain; what is encrypted is read all the same. */
  readonly encrypts: boolean;
  /** The error to raise for a payload that can’t be read, where it must not be the Failure itself. */
  readonly asError?: (failure: Failure) => Error;
}

/**
 * Closes what Temporal keeps of a run: AES-256-GCM over the whole payload, its metadata included, with a
 * random 96-bit nonce each. The key’s id stands beside it and is authenticated with it.
 */
export function createPayloadCodec(options: PayloadCodecOptions): PayloadCodec {
  const { keyring, encrypts, asError = (failure) => failure } = options;
  return {
    async encode(payloads) {
      if (!encrypts || payloads.length === 0) return payloads;
      const key = await keyring.first();
      return payloads.map((payload) => encrypted(payload, key));
    },
    async decode(payloads) {
      return Promise.all(
        payloads.map(async (payload) => {
          if (textOf(payload, 'encoding') !== ENCODING) return payload;
          const key = await keyring.find(textOf(payload, 'encryption-key-id'));
          const plain = key && decrypted(payload, key);
          if (plain) return plain;
          throw asError(unreadable());
        }),
      );
    },
  };
}

function encrypted(payload: Payload, key: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const plain = PayloadMessage.encode(payload).finish();
  const data = encrypt(plain, { key: key.bytes, nonce, authenticated: authenticated(key) });
  return {
    metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(key.id) },
    data: Buffer.concat([nonce, data]),
  };
}

/** Undefined when anything of it was changed. */
function decrypted({ data }: Payload, key: PayloadKey): Payload | undefined {
  if (!data || data.byteLength < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = data.subarray(0, NONCE_BYTES);
  const lock = { key: key.bytes, nonce, authenticated: authenticated(key) };
  try {
    return PayloadMessage.decode(decrypt(data.subarray(NONCE_BYTES), lock));
  } catch {
    return undefined;
  }
}

/** The metadata that stay readable. */
const authenticated = ({ id }: PayloadKey): Buffer => Buffer.from(`${ENCODING}\n${id}`);

const textOf = ({ metadata }: Payload, name: string): string =>
  Buffer.from(metadata?.[name] ?? []).toString();

function unreadable(): Failure {
  return new Failure(
    'PAYLOAD_UNREADABLE',
    'What Temporal holds of this run is encrypted with a key that is missing here.',
    'Give server and workers the same PAYLOAD_KEYS_FILE, with every key that was in use.',
  );
}
