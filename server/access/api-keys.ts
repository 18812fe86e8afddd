import { stat } from 'node:fs/promises';

import type { Logger } from '../../platform/logging.ts';
import type { Caller } from '../../schemas/caller.ts';
import { callerOfKey, type KeyEntry } from './api-key.ts';
import { readKeyList } from './key-list.ts';

export interface ApiKeys {
  /**
   * Who calls with a key; undefined for a wrong one.
   * @throws Failure SETUP_FAILED while the file is damaged: then nobody is let in
   */
  callerOf(key: string): Promise<Caller | undefined>;
}

/** The keys of a file that is read again whenever it has changed; without a file no key is right. */
export function createApiKeys(path: string, logger: Logger): ApiKeys {
  let version = '';
  let reading: Promise<ReadonlyMap<string, KeyEntry>> = Promise.resolve(new Map());

  async function entries(): Promise<ReadonlyMap<string, KeyEntry>> {
    const found = await versionOf(path);
    if (found !== version) {
      // Taken before the file is read: what is written meanwhile is another version.
      version = found;
      reading = read();
      reading.catch((error: unknown) => {
        logger.error({ err: error }, 'no key is taken');
        // A disk that failed may be well again; a damaged file stays so until it changes.
        if ('code' in Object((error as Error).cause)) version = '';
      });
    }
    return reading;
  }

  async function read(): Promise<ReadonlyMap<string, KeyEntry>> {
    const keys = (await readKeyList(path)) ?? [];
    logger.info({ keys: keys.length }, 'keys read');
    return new Map(keys.map((key) => [key.id, key]));
  }

  return { callerOf: async (key) => callerOfKey(await entries(), key, new Date()) };
}

/** Another text for each version of a file. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
