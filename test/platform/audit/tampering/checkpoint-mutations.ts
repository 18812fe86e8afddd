import { copyFile, readdir, rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { canonical } from '../../../../platform/audit/chain.ts';
import { loadSigningKeys } from '../../../../platform/audit/signing-keys.ts';
import { changeJson, checkpointFiles, sizeOf, type Mutation } from './mutation.ts';
import { checkpointsIn } from './sample-log.ts';

/** What somebody can do to the signed checkpoints, and leaves the database as it is. */
export const checkpointMutations: readonly Mutation[] = [
  changing('a checkpoint with another root', async (file) =>
    changeJson(file, (checkpoint) => ({ ...checkpoint, root: '0'.repeat(64) })),
  ),
  changing('a checkpoint from another time', async (file) =>
    changeJson(file, (checkpoint) => ({ ...checkpoint, time: '2020-01-01T00:00:00.000Z' })),
  ),
  changing('a checkpoint with a space', async (file) =>
    writeFile(file, `${await readFile(file, 'utf8')} `),
  ),
  changing('an empty checkpoint', (file) => writeFile(file, '')),
  changing('a deleted checkpoint', (file) => rm(file)),
  changing('a checkpoint signed with another key', async (file, folder) => {
    const keys = await loadSigningKeys(join(folder, 'stolen.keys'));
    await changeJson(file, ({ signature: _signature, ...checkpoint }) => {
      const unsigned = { ...checkpoint, key_id: keys.keyId };
      return { ...unsigned, signature: keys.sign(canonical(unsigned)) };
    });
    const name = join(checkpointsIn(folder), 'keys', `${keys.keyId}.json`);
    await writeFile(name, `${canonical(keys.statements[0])}\n`);
  }),
  changing('a checkpoint with the signature of another', async (file, folder) => {
    const [first] = await checkpointFiles(folder);
    const { signature } = JSON.parse(await readFile(first as string, 'utf8')) as {
      signature: string;
    };
    await changeJson(file, (checkpoint) => ({ ...checkpoint, signature }));
  }),
  changing('a checkpoint in the place of another', async (file, folder) => {
    const [first] = await checkpointFiles(folder);
    await copyFile(first as string, file);
  }),
  {
    name: 'another key in the place of ours',
    async apply(folder) {
      const own = join(checkpointsIn(folder), 'keys');
      const [file] = await readdir(own);
      const keys = await loadSigningKeys(join(folder, 'stolen.keys'));
      await writeFile(join(own, file as string), `${canonical(keys.statements[0])}\n`);
      return { plain: false };
    },
  },
];

function changing(name: string, change: (file: string, folder: string) => Promise<void>): Mutation {
  return {
    name,
    async apply(folder, pick) {
      const files = await checkpointFiles(folder);
      // Not the first, which others are made of; not the last, of which no event tells.
      const file = files[pick(1, files.length - 2)] as string;
      await change(file, folder);
      return { plain: true, checkpoint: sizeOf(file) };
    },
  };
}
