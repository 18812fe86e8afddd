import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text of a key file, or undefined when there is none. */
export async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads a key file, or makes it at the first use; safe when two processes start at once. */
export async function readOrMakeKeyFile(path: string, make: () => string): Promise<string> {
  const found = await readKeyFile(path);
  if (found !== undefined) return found;
  const draft = await writeDraft(path, make());
  // A link fails when the other process was first: then its key is the key.
  await link(draft, path).catch(() => undefined);
  await rm(draft);
  return readFile(path, 'utf8');
}

/** Puts a text in a key file's place; whoever reads meanwhile sees the old one or the new one, whole. */
export async function replaceKeyFile(path: string, text: string): Promise<void> {
  await rename(await writeDraft(path, text), path);
}

/** Only its owner may read it, from its first byte on. */
async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  return draft;
}
