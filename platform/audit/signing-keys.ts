import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

import { z } from 'zod';

import { Failure } from '../../schemas/failure.ts';
import { readKeyFile, readOrMakeKeyFile, replaceKeyFile } from '../codec/key-file.ts';
import { canonical } from './chain.ts';

/** A public key, vouched for by the one before it: who trusts the first of a row can trust them all. */
export const keyStatementSchema = z.strictObject({
  key_id: z.string().regex(/^[0-9a-f]{16}$/),
  /** SubjectPublicKeyInfo, DER in base64. */
  public_key: z.base64(),
  created: z.iso.datetime(),
  /** Null for the first. */
  previous_key_id: z.string().nullable(),
  /** By the previous key over the canonical JSON of the other four; Ed25519, base64. Null for the first. */
  signature: z.base64().nullable(),
});
export type KeyStatement = z.infer<typeof keyStatementSchema>;

/** The last key of the row signs; earlier ones are kept to verify what they have signed. */
const keyFileSchema = z.strictObject({
  keys: z.array(keyStatementSchema).min(1),
  /** PKCS #8, DER in base64, of the last key. */
  private_key: z.base64(),
});
type KeyFile = z.infer<typeof keyFileSchema>;

export interface SigningKeys {
  readonly keyId: string;
  readonly statements: readonly KeyStatement[];
  /** Ed25519, base64. */
  sign(text: string): string;
}

/** Reads the keys, or makes the first one. @throws Failure SETUP_FAILED on a damaged file */
export async function loadSigningKeys(path: string): Promise<SigningKeys> {
  const text = await readOrMakeKeyFile(path, () => written(withNewKey(undefined, new Date())));
  return signingKeys(parsed(text, path));
}

/** Keys that nobody else will ever know. */
export function unsavedSigningKeys(): SigningKeys {
  return signingKeys(withNewKey(undefined, new Date()));
}

/** Adds a key that signs from now on, vouched for by the last one. Processes use it once they are started again. */
export async function rotateSigningKey(path: string, now: Date): Promise<SigningKeys> {
  const text = await readKeyFile(path);
  if (text === undefined) return loadSigningKeys(path);
  const file = withNewKey(parsed(text, path), now);
  await replaceKeyFile(path, written(file));
  return signingKeys(file);
}

export function publicKeyOf({ public_key }: KeyStatement): KeyObject {
  return createPublicKey({ key: Buffer.from(public_key, 'base64'), format: 'der', type: 'spki' });
}

/** First 16 hex digits of the SHA-256 of the DER bytes. */
export function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** What a key statement's signature is over. */
export function statementText({ signature: _signature, ...statement }: KeyStatement): string {
  return canonical(statement);
}

export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

function signingKeys({ keys, private_key }: KeyFile): SigningKeys {
  const key = privateKey(private_key);
  return {
    keyId: (keys.at(-1) as KeyStatement).key_id,
    statements: keys,
    sign: (text) => signature(key, text),
  };
}

function withNewKey(before: KeyFile | undefined, now: Date): KeyFile {
  const { publicKey, privateKey: secret } = generateKeyPairSync('ed25519');
  const statement: KeyStatement = {
    key_id: keyIdOf(publicKey),
    public_key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    created: now.toISOString(),
    previous_key_id: before?.keys.at(-1)?.key_id ?? null,
    signature: null,
  };
  const vouched = before && signature(privateKey(before.private_key), statementText(statement));
  return {
    keys: [...(before?.keys ?? []), { ...statement, signature: vouched ?? null }],
    private_key: secret.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
}

function privateKey(text: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
}

function signature(key: KeyObject, text: string): string {
  return sign(null, Buffer.from(text), key).toString('base64');
}

const written = (file: KeyFile): string => `${JSON.stringify(file, null, 2)}\n`;

function parsed(text: string, path: string): KeyFile {
  try {
    return keyFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      'SETUP_FAILED',
      `The file of the audit keys ${path} is damaged.`,
      'Restore it from a backup. Without it the log goes on under a new key, and verifiers must be told of that one: then move it away.',
      { cause },
    );
  }
}
