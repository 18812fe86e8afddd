import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { BlobSealing } from './blob-sealing.ts';
import { isSealed, openSealedFile, sealFile } from './sealed-file.ts';

/** What is done with the plain file itself, or with an opened copy of a sealed one. */
type Uses<T> = Readonly<Record<'plain' | 'sealed', (path: string) => Promise<T>>>;

/**
 * Between plain files and those that are stored. What was stored under another setting is read all the same.
 * @param withScratch gives the folder for an opened copy
 */
export function createSealedBlobs(
  sealing: BlobSealing | undefined,
  withScratch: <T>(use: (folder: string) => Promise<T>) => Promise<T>,
) {
  return {
    /** Whether what is stored now is encrypted. */
    encrypts: sealing?.encrypts ?? false,
    /** The file to store for a plain one: the same, or a sealed one beside it in whose favour it is gone. */
    async stored(key: string, plain: string): Promise<string> {
      if (!sealing?.encrypts) return plain;
      const sealed = `${plain}.sealed`;
      await sealFile(plain, sealed, { key: await sealing.keyring.first(), name: key });
      await rm(plain);
      return sealed;
    },
    /** @throws SealedFileError */
    async opened<T>(key: string, path: string, { plain, sealed }: Uses<T>): Promise<T> {
      if (!sealing || !(await isSealed(path).catch(() => false))) return plain(path);
      return withScratch(async (folder) => {
        const copy = join(folder, 'blob');
        await openSealedFile(path, copy, { keyring: sealing.keyring, name: key });
        return sealed(copy);
      });
    },
  };
}
