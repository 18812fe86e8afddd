/**
 * A blob's file, encrypted as STREAM and age do it: pieces of 1 MiB under AES-256-GCM, each with its number
 * and a flag for the last one in its nonce, so that no piece can be left out, moved or cut off.
 *
 * Layout: magic "DXBLOB1\n", the key's id (16 hexadecimal digits), a salt (32 bytes), then the pieces, each
 * followed by its tag. The file's own key comes by HKDF-SHA-256 from the key, the salt and the blob's name:
 * nonces need not differ between files, and a file is good under its own name only.
 */
import { hkdfSync, randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

import { Failure } from '../../schemas/failure.ts';
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from '../codec/aes-gcm.ts';
import type { Keyring, PayloadKey } from '../codec/keyring.ts';

const MAGIC = 'DXBLOB1\n';
const ID_BYTES = 16;
const SALT_BYTES = 32;
const HEADER_BYTES = MAGIC.length + ID_BYTES + SALT_BYTES;
const PIECE_BYTES = 1 << 20;

/** Raised for a file that was changed or cut since it was sealed. */
export class SealedFileError extends Error {
  override readonly name = 'SealedFileError';
}

/** Writes `target` (it must not exist): the bytes of `source`, sealed under the blob's name. */
export async function sealFile(
  source: string,
  target: string,
  { key, name }: { readonly key: PayloadKey; readonly name: string },
): Promise<void> {
  const salt = randomBytes(SALT_BYTES);
  const fileKey = keyOf(key, salt, name);
  await withBoth(source, target, async (input, output) => {
    await output.writeFile(Buffer.concat([Buffer.from(MAGIC + key.id), salt]));
    for await (const { piece, nonce } of pieces(input, 0, PIECE_BYTES)) {
      await output.writeFile(encrypt(piece, { key: fileKey, nonce }));
    }
  });
}

/** True for a file that {@link sealFile} wrote. */
export async function isSealed(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    return (await readAt(file, 0, MAGIC.length)).toString('latin1') === MAGIC;
  } finally {
    await file.close();
  }
}

/**
 * Writes `target` (it must not exist): what was sealed into `source`.
 * @throws SealedFileError; Failure SETUP_FAILED when the key is missing
 */
export async function openSealedFile(
  source: string,
  target: string,
  { keyring, name }: { readonly keyring: Keyring; readonly name: string },
): Promise<void> {
  await withBoth(source, target, async (input, output) => {
    const header = await readAt(input, 0, HEADER_BYTES);
    if (header.byteLength < HEADER_BYTES) throw new SealedFileError('the file has no whole header');
    const id = header.toString('latin1', MAGIC.length, MAGIC.length + ID_BYTES);
    const key = await keyring.find(id);
    if (!key) throw keyMissing();
    const fileKey = keyOf(key, header.subarray(MAGIC.length + ID_BYTES), name);
    for await (const { piece, nonce } of pieces(input, HEADER_BYTES, PIECE_BYTES + TAG_BYTES)) {
      await output.writeFile(decrypted(piece, fileKey, nonce));
    }
  });
}

function decrypted(piece: Buffer, fileKey: Buffer, nonce: Buffer): Buffer {
  try {
    return decrypt(piece, { key: fileKey, nonce });
  } catch (cause) {
    throw new SealedFileError('a piece of the file is not what was sealed', { cause });
  }
}

function keyOf(key: PayloadKey, salt: Buffer, name: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.bytes, salt, `blob ${name}`, 32));
}

/** The pieces from `start` to the end, at least one (it may be empty), each with its nonce. */
async function* pieces(
  file: FileHandle,
  start: number,
  length: number,
): AsyncGenerator<{ piece: Buffer; nonce: Buffer }, void, undefined> {
  const { size } = await file.stat();
  let position = start;
  for (let number = 0; ; number += 1) {
    const piece = await readAt(file, position, length);
    position += piece.byteLength;
    // Should the file grow meanwhile, the pieces after the last one are not read.
    const last = position >= size || piece.byteLength < length;
    const nonce = Buffer.alloc(NONCE_BYTES);
    nonce.writeUInt32BE(number, 7);
    nonce.writeUInt8(last ? 1 : 0, 11);
    yield { piece, nonce };
    if (last) return;
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

async function withBoth(
  source: string,
  target: string,
  work: (input: FileHandle, output: FileHandle) => Promise<void>,
): Promise<void> {
  const input = await open(source, 'r');
  try {
    const output = await open(target, 'wx', 0o600);
    try {
      await work(input, output);
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
}

function keyMissing(): Failure {
  return new Failure(
    'SETUP_FAILED',
    'Stored data of this run is encrypted with a key that is missing here.',
    'Give server and workers the same PAYLOAD_KEYS_FILE, with every key that was in use.',
  );
}
