import { SCOPES } from '../../schemas/caller.ts';
import { makeKey } from '../../server/access/api-key.ts';
import { writeKeyList } from '../../server/access/key-list.ts';

/** Makes the file of keys of a server, with one in it for the default tenant. @returns the key */
export async function writeKey(path: string): Promise<string> {
  const about = { name: 'honest', tenant: 'default', scopes: [...SCOPES], expires: null };
  const { text, entry } = makeKey(about, new Date());
  await writeKeyList(path, [entry]);
  return text;
}
