import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  EXPORT_FILES,
  manifestSchema,
  manifestSignatureSchema,
  type Manifest,
} from '../export/manifest.ts';
import { isSignedBy } from '../signing-keys.ts';
import type { KeyRing } from './key-ring.ts';
import { canonicalText } from './proven-events.ts';

/** The manifest of an export. @returns a sentence when it can’t be read as one */
export async function readManifest(folder: string): Promise<Manifest | string> {
  const text = await readFile(join(folder, EXPORT_FILES.manifest), 'utf8').catch(() => '');
  try {
    const manifest = manifestSchema.parse(JSON.parse(text));
    if (`${canonicalText(manifest)}\n` === text) return manifest;
  } catch {
    // Said below.
  }
  return `${EXPORT_FILES.manifest} is damaged, or not there.`;
}

/** Whether a trusted key has signed the manifest; the sentence otherwise. */
export async function signatureProblem(
  folder: string,
  manifest: Manifest,
  keys: KeyRing,
): Promise<string | undefined> {
  const name = EXPORT_FILES.signature;
  try {
    const text = await readFile(join(folder, name), 'utf8');
    const { key_id: id, signature } = manifestSignatureSchema.parse(JSON.parse(text));
    const key = keys.trusted.get(id);
    if (!key) return `${EXPORT_FILES.manifest} is signed by ${id}, a key for which nobody vouches.`;
    return isSignedBy(key, canonicalText(manifest), signature)
      ? undefined
      : `${EXPORT_FILES.manifest} is not as it was signed.`;
  } catch {
    return `${name} is damaged, or not there.`;
  }
}

/** Files that are not as the manifest says, gone, or not in it. */
export async function fileProblems(folder: string, { files }: Manifest): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, sha256, bytes } of files) {
    const found = await measured(join(folder, name)).catch(() => undefined);
    if (!found) problems.push(`${name} is missing.`);
    else if (found.sha256 !== sha256 || found.bytes !== bytes) {
      problems.push(`${name} is not as the manifest says.`);
    }
  }
  const known = new Set<string>([
    ...files.map(({ name }) => name),
    EXPORT_FILES.manifest,
    EXPORT_FILES.signature,
  ]);
  for (const name of await readdir(folder)) {
    if (!known.has(name)) problems.push(`${name} is not in the manifest.`);
  }
  return problems;
}

async function measured(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(part);
    bytes += part.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}
