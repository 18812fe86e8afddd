import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';

import { newPayloadKey, type Keyring, type PayloadKey } from '../../../platform/codec/keyring.ts';
import { createPayloadCodec } from '../../../platform/codec/payload-codec.ts';

const keyringOf = (...keys: PayloadKey[]): Keyring => ({
  first: async () => keys[0]!,
  find: async (wanted) => keys.find(({ id }) => id === wanted),
});
const codecOf = (...keys: PayloadKey[]) =>
  createPayloadCodec({ keyring: keyringOf(...keys), encrypts: true });
const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload!);
const bytesOf = (payload: Payload): string =>
  Buffer.concat([...Object.values(payload.metadata!), payload.data!]).toString('latin1');

const key = newPayloadKey();
const value = { column: 'canary', numbers: [1, 2.5] };

describe('the payload codec', () => {
  it('brings back what it closed, its metadata included', async () => {
    const codec = codecOf(key);
    const plain = [payloadOf(value), payloadOf(undefined), payloadOf(new Uint8Array([1, 2, 3]))];
    const back = await codec.decode(await codec.encode(plain));
    expect(back.map(valueOf)).toEqual([value, undefined, new Uint8Array([1, 2, 3])]);
  });

  it('shows nothing of a payload, and never the same twice', async () => {
    const [one, two] = await codecOf(key).encode([payloadOf(value), payloadOf(value)]);
    expect(bytesOf(one!)).not.toMatch(/canary|json/);
    expect(one!.data).not.toEqual(two!.data);
    expect(Buffer.from(one!.metadata!['encryption-key-id']!).toString()).toBe(key.id);
  });

  it('takes the first key, and reads what any of them closed', async () => {
    const [old] = await codecOf(key).encode([payloadOf(value)]);
    const next = newPayloadKey();
    const rotated = codecOf(next, key);
    const [fresh] = await rotated.encode([payloadOf(value)]);
    expect(Buffer.from(fresh!.metadata!['encryption-key-id']!).toString()).toBe(next.id);
    expect((await rotated.decode([old!, fresh!])).map(valueOf)).toEqual([value, value]);
  });

  it('switched off, writes plain and reads both', async () => {
    const [closed] = await codecOf(key).encode([payloadOf(value)]);
    const off = createPayloadCodec({ keyring: keyringOf(key), encrypts: false });
    const plain = [payloadOf(value)];
    expect(await off.encode(plain)).toBe(plain);
    expect((await off.decode([closed!, ...plain])).map(valueOf)).toEqual([value, value]);
  });

  it.each<[string, (payload: Payload) => Payload]>([
    ['its data changed', (p) => ({ ...p, data: flipped(p.data!, 20) })],
    ['its nonce changed', (p) => ({ ...p, data: flipped(p.data!, 0) })],
    ['its tag changed', (p) => ({ ...p, data: flipped(p.data!, p.data!.length - 1) })],
    ['its end cut off', (p) => ({ ...p, data: p.data!.subarray(0, -1) })],
    ['hardly any data', (p) => ({ ...p, data: p.data!.subarray(0, 27) })],
    ['no data', ({ metadata }) => ({ metadata: metadata! })],
    ['another key’s id', (p) => withKeyId(p, other.id)],
    ['an unknown key’s id', (p) => withKeyId(p, 'ffffffffffffffff')],
    [
      'no key’s id',
      ({ data, metadata }) => ({ data: data!, metadata: { encoding: metadata!['encoding']! } }),
    ],
  ])('refuses a payload with %s, in one sentence that names no key', async (_, change) => {
    const codec = codecOf(key, other);
    const [closed] = await codec.encode([payloadOf(value)]);
    const refused = codec.decode([change(closed!)]);
    await expect(refused).rejects.toMatchObject({ name: 'Failure', code: 'PAYLOAD_UNREADABLE' });
    await expect(refused).rejects.not.toThrow(new RegExp(`${key.id}|${other.id}|ffff`));
  });

  it('raises the error that its place asks for', async () => {
    const codec = createPayloadCodec({
      keyring: keyringOf(),
      encrypts: false,
      asError: ({ code, message }) => ApplicationFailure.nonRetryable(message, code),
    });
    const [closed] = await codecOf(key).encode([payloadOf(value)]);
    await expect(codec.decode([closed!])).rejects.toBeInstanceOf(ApplicationFailure);
  });
});

const other = newPayloadKey();

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index]! ^= 1;
  return copy;
}

const withKeyId = ({ data, metadata }: Payload, id: string): Payload => ({
  data: data!,
  metadata: { ...metadata, 'encryption-key-id': Buffer.from(id) },
});
