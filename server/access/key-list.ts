import { z } from 'zod';

import { readKeyFile, replaceKeyFile } from '../../platform/codec/key-file.ts';
import { Failure } from '../../schemas/failure.ts';
import { keyEntrySchema, type KeyEntry } from './api-key.ts';

const keyListSchema = z
  .array(keyEntrySchema)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length);

/** The keys of a file; undefined when there is no file. @throws Failure SETUP_FAILED on a damaged one */
export async function readKeyList(path: string): Promise<KeyEntry[] | undefined> {
  try {
    const text = await readKeyFile(path);
    return text === undefined ? undefined : keyListSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      'SETUP_FAILED',
      `The file of keys ${path} can’t be read or is damaged.`,
      'Restore it from a backup, or remove it and make new keys.',
      { cause },
    );
  }
}

/** Puts the keys into the file, as a whole. */
export async function writeKeyList(path: string, keys: readonly KeyEntry[]): Promise<void> {
  await replaceKeyFile(path, `${JSON.stringify(keys, undefined, 2)}\n`);
}
