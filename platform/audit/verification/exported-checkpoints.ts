import { join } from 'node:path';

import { EXPORT_FILES } from '../export/manifest.ts';
import { missingCheckpoint } from '../missing-checkpoint.ts';
import { checkpointName } from '../checkpoint-name.ts';
import { eventOf } from './database-links.ts';
import { linesOf } from './lines.ts';
import type { CheckpointSource } from './signed-checkpoints.ts';

/** The checkpoints of an export as a store of them. Their names are made of what they say of themselves; their texts are checked like those of files. */
export async function exportedCheckpoints(folder: string): Promise<CheckpointSource> {
  const texts = new Map<string, string>();
  let at = 0;
  for await (const line of linesOf(join(folder, EXPORT_FILES.checkpoints))) {
    const { chain, size } = (eventOf(line) ?? {}) as { chain?: unknown; size?: unknown };
    const name =
      typeof chain === 'string' && typeof size === 'number'
        ? checkpointName({ chain, size })
        : `damaged/${at}.json`;
    texts.set(name, `${line}\n`);
    at += 1;
  }
  return {
    list: async (prefix) => [...texts.keys()].filter((name) => name.startsWith(prefix)).sort(),
    get: async (name) => {
      const text = texts.get(name);
      if (text === undefined) throw missingCheckpoint(name, undefined);
      return text;
    },
  };
}
