import { createHash } from 'node:crypto';
import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { canonical, chainHash } from '../../../../platform/audit/chain.ts';
import { loadSigningKeys } from '../../../../platform/audit/signing-keys.ts';
import type { Manifest } from '../../../../platform/audit/export/manifest.ts';
import type { Mutation } from './mutation.ts';

interface Item {
  previous: string;
  hash: string;
  path?: string[];
  event: Record<string, unknown>;
}

const seqOf = (item: Item | undefined): number => item?.event['audit.seq'] as number;

/** What somebody can do to an exported folder; `plain` where the first bad event is certain. */
export const exportMutations: readonly Mutation[] = [
  ofEvents('an edited event', (items, at) => {
    const item = items[at] as Item;
    items[at] = { ...item, event: { ...item.event, 'service.version': 'nicer' } };
    return seqOf(item);
  }),
  ofEvents('an edited hash', (items, at) => {
    const item = items[at] as Item;
    items[at] = { ...item, hash: `${'0'.repeat(63)}1` };
    return seqOf(item);
  }),
  ofEvents('an event rewritten with its hash', (items, at) => {
    const item = items[at] as Item;
    const event = { ...item.event, 'service.version': 'nicer' };
    items[at] = { ...item, event, hash: chainHash(item.previous, canonical(event)) };
    return seqOf(item);
  }),
  ofEvents('a deleted event', (items, at) => seqOf(items.splice(at, 1)[0])),
  ofEvents('a doubled event', (items, at) => {
    items.splice(at, 0, items[at] as Item);
    return seqOf(items[at]);
  }),
  ofEvents('swapped events', (items, at) => {
    const [one, other] = [items[at] as Item, items[at + 1] as Item];
    items.splice(at, 2, other, one);
    return seqOf(one);
  }),
  ofEvents('swapped texts', (items, at) => {
    const [one, other] = [items[at] as Item, items[at + 1] as Item];
    items.splice(at, 2, { ...one, event: other.event }, { ...other, event: one.event });
    return seqOf(one);
  }),
  ofEvents('the end cut off', (items, at) => {
    const seq = seqOf(items[at]);
    items.length = at;
    return seq;
  }),
  {
    name: 'a chain rewritten from an event on, in a manifest signed with another key',
    async apply(folder, pick) {
      const items = await readItems(folder);
      const at = pick(1, items.length - 2);
      let previous = items[at]?.previous as string;
      const changed = items.map((item, place) => {
        if (place < at) return item;
        const event = place === at ? { ...item.event, 'service.version': 'nicer' } : item.event;
        const hash = chainHash(previous, canonical(event));
        const next = { ...item, event, previous, hash };
        previous = hash;
        return next;
      });
      await writeItems(folder, changed);
      await signedAnew(folder);
      return { seq: seqOf(items[at]), plain: false };
    },
  },
  touching('an edited private text', 'private.jsonl', (text) =>
    text.replace('"body":"', '"body":"x'),
  ),
  touching('edited checkpoints', 'checkpoints.jsonl', (text) =>
    text.replace(/"size":(\d)/, '"size":9$1'),
  ),
  touching('no checkpoints', 'checkpoints.jsonl', () => ''),
  touching('an edited table', 'events.csv', (text) => text.replace('worker', 'server')),
  touching('an edited manifest', 'manifest.json', (text) =>
    text.replace('"made":"20', '"made":"19'),
  ),
  touching('an edited signature', 'manifest.sig', (text) =>
    text.replace('"signature":"', '"signature":"AAAA'),
  ),
  touching('edited keys', 'keys.jsonl', (text) =>
    text
      .replace('"created":"20', '"created":"19')
      .replace('"key_id":"', '"key_id":"f')
      .replace(/("key_id":"f\w{15})\w/, '$1'),
  ),
  {
    name: 'a file more',
    async apply(folder) {
      await writeFile(join(folder, 'more.txt'), 'x');
      return { plain: true };
    },
  },
  {
    name: 'a file less',
    async apply(folder) {
      await rm(join(folder, 'events.csv'));
      return { plain: true };
    },
  },
];

/** Changes the events and, as a careful forger would, the manifest’s hash of their file. */
function ofEvents(name: string, change: (items: Item[], at: number) => number): Mutation {
  return {
    name,
    async apply(folder, pick) {
      const items = await readItems(folder);
      const seq = change(items, pick(1, items.length - 3));
      await writeItems(folder, items);
      if (pick(0, 1) === 1) await manifestAnew(folder);
      return { seq, plain: true };
    },
  };
}

function touching(name: string, file: string, change: (text: string) => string): Mutation {
  return {
    name,
    async apply(folder) {
      const before = await readFile(join(folder, file), 'utf8');
      const text = change(before);
      if (text === before) throw new Error(`${name}: nothing was changed`);
      await writeFile(join(folder, file), text);
      return { plain: true };
    },
  };
}

async function readItems(folder: string): Promise<Item[]> {
  const text = await readFile(join(folder, 'events.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Item);
}

async function writeItems(folder: string, items: readonly Item[]): Promise<void> {
  await writeFile(
    join(folder, 'events.jsonl'),
    items.map((item) => `${canonical(item)}\n`).join(''),
  );
}

async function manifestAnew(folder: string): Promise<Manifest> {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  const files = await Promise.all(
    manifest.files.map(async ({ name }) => {
      const file = join(folder, name);
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      return { name, sha256, bytes: (await stat(file)).size };
    }),
  );
  const anew = { ...manifest, files };
  await writeFile(path, `${canonical(anew)}\n`);
  return anew;
}

async function signedAnew(folder: string): Promise<void> {
  const own = await loadSigningKeys(`${folder}-stolen.keys`);
  await appendFile(join(folder, 'keys.jsonl'), `${canonical(own.statements[0])}\n`);
  const manifest = await manifestAnew(folder);
  const signature = { key_id: own.keyId, signature: own.sign(canonical(manifest)) };
  await writeFile(join(folder, 'manifest.sig'), `${canonical(signature)}\n`);
}
