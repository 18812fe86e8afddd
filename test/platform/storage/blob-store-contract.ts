import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import type { BlobStore } from '../../../platform/storage/blob-store.ts';

export interface OpenOptions {
  readonly encrypts: boolean;
  /** File of the keys, where it is not the usual one. */
  readonly keys?: string;
}

/** What a suite has to know of a kind of store. */
export interface Backend {
  /** Another process's view of the same blobs: it remembers nothing and has no copies. */
  readonly open: (options: OpenOptions) => Promise<BlobStore>;
  /** What lies at a key, as it is stored. */
  readonly read: (key: string) => Promise<Buffer>;
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
  /** Names of everything else that the store has left on this machine. */
  readonly leftovers: () => Promise<string[]>;
  /** Left out where the one kind of store tells as much as the other. */
  readonly encrypting?: false;
  /** What all keys of this test begin with. */
  readonly prefix: () => string;
}

/** Sizes at which the pieces of an encrypted blob end, and one that is uploaded in parts. */
const SIZES = [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 9 << 20];

/** What every blob store does, wherever its blobs lie. */
export function describeBlobStore(name: string, backend: Backend): void {
  const kinds: readonly (readonly [string, boolean])[] = [
    [name, false],
    [`${name} with ENCRYPT_BLOBS`, true],
  ];
  describe.each(kinds.filter(([, encrypts]) => !encrypts || backend.encrypting !== false))(
    '%s',
    (_, encrypts) => {
      let store: BlobStore;
      const open = (): Promise<BlobStore> => backend.open({ encrypts });
      const named = (rest: string): string => `${backend.prefix()}${rest}`;
      beforeEach(async () => (store = await open()));

      it('gives back what it was given, under a key that ends in its hash', async () => {
        const ref = await store.putBytes(named('w/dataset'), Buffer.from('hello'));
        expect(ref.bytes).toBe(5);
        expect(ref.sha256).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
        expect(ref.key).toBe(`${named('w/dataset')}.${ref.sha256.slice(0, 32)}`);
        expect(String(await store.getBytes(ref))).toBe('hello');
        expect(await store.withFile(ref, (path) => readFile(path, 'utf8'))).toBe('hello');
      });

      it.each(SIZES)('gives back %i bytes, to another process, too', async (size) => {
        const bytes = Buffer.alloc(size, 'abcdefg');
        const ref = await store.putBytes(named('a'), bytes);
        for (const reader of [store, await open()]) {
          expect(bytes.equals(await reader.getBytes(ref))).toBe(true);
        }
      });

      it('keeps two different contents of one name apart', async () => {
        const first = await store.putBytes(named('w/dataset'), Buffer.from('one'));
        await store.putBytes(named('w/dataset'), Buffer.from('two'));
        expect(String(await store.getBytes(first))).toBe('one');
      });

      it('takes the same content from many at once', async () => {
        const writers = await Promise.all(Array.from({ length: 5 }, open));
        const bytes = Buffer.alloc(100_000, 'same');
        const put = writers.map((writer) => writer.putBytes(named('same'), bytes));
        const [ref, ...others] = await Promise.all(put);
        for (const other of others) expect(other).toEqual(ref);
        for (const reader of writers) expect(bytes.equals(await reader.getBytes(ref!))).toBe(true);
        expect(await store.list(named('same'))).toEqual([ref!.key]);
      });

      it('lists what lies below a folder, or under a name, with sizes and times', async () => {
        const before = Date.now() - 2000;
        expect(await store.list(named('v/'))).toEqual([]);
        const refs = ['v/b', 'v/deep/a', 'vv/a'].map((rest) =>
          store.putBytes(named(rest), Buffer.from(rest)),
        );
        const [b, deep] = (await Promise.all(refs)).map(({ key }) => key);
        expect(await store.list(named('v/'))).toEqual([b, deep]);
        expect(await store.list(named('v/deep/a.'))).toEqual([deep]);
        expect(await store.list(named(''))).toHaveLength(3);
        for await (const { bytes, changedAt } of store.entries(named('v/deep/'))) {
          expect(bytes).toBe((await backend.read(deep!)).byteLength);
          expect(changedAt).toBeGreaterThan(before);
          expect(changedAt).toBeLessThan(Date.now() + 2000);
        }
        await expect(store.list('runs/../x/')).rejects.toThrow(TypeError);
      });

      it('lists more than a page', async () => {
        const names = Array.from({ length: 25 }, (_, n) => `many/${n}`);
        const refs = await Promise.all(
          names.map((rest) => store.putBytes(named(rest), Buffer.from(rest))),
        );
        expect(await store.list(named('many/'))).toEqual(refs.map(({ key }) => key).sort());
      });

      it('takes the given file away, and leaves nothing beside the blob', async () => {
        const ref = await store.withScratch(async (scratch) => {
          await writeFile(join(scratch, 'x'), 'hello');
          const stored = await store.putFile(named('a'), join(scratch, 'x'));
          expect(await readdir(scratch)).toEqual([]);
          return stored;
        });
        await (await open()).getBytes(ref);
        expect(await store.list(named(''))).toEqual([ref.key]);
        expect(await backend.leftovers()).toEqual([]);
      });

      it('tells a changed, a cut and a missing blob', async () => {
        const ref = await store.putBytes(named('a'), Buffer.from('hello'));
        const whole = await backend.read(ref.key);
        const changed = Buffer.from(whole);
        changed[whole.length - 2]! ^= 1;
        for (const bytes of [changed, whole.subarray(0, -1)]) {
          await backend.write(ref.key, bytes);
          await expect((await open()).getBytes(ref)).rejects.toMatchObject({
            code: 'BLOB_CORRUPT',
          });
        }
        await backend.remove(ref.key);
        await expect((await open()).getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
        expect(await store.putBytes(named('a'), Buffer.from('hello'))).toEqual(ref);
        expect(String(await (await open()).getBytes(ref))).toBe('hello');
      });

      it('removes, any number of times', async () => {
        const ref = await store.putBytes(named('a'), Buffer.from('hello'));
        await store.remove(ref.key);
        await store.remove(ref.key);
        expect(await store.list(named(''))).toEqual([]);
        await expect(store.getBytes(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
      });

      it('removes only what is older, when told so', async () => {
        const { key } = await store.putBytes(named('a'), Buffer.from('hello'));
        expect(await store.removeOlder(key, Date.now() - 60_000)).toBe(false);
        expect(await store.list(named(''))).toEqual([key]);
        expect(await store.removeOlder(key, Date.now() + 60_000)).toBe(true);
        expect(await store.list(named(''))).toEqual([]);
        expect(await store.removeOlder(key, Date.now() + 60_000)).toBe(false);
      });

      it('replaces, gives and removes what may change, by whomever', async () => {
        const other = await open();
        const given = (from: BlobStore): Promise<string | null> =>
          from.withReplaceable(named('c'), async (path) => path && readFile(path, 'utf8'));
        expect(await given(store)).toBeNull();
        for (const text of ['first', 'second']) {
          await store.withScratch(async (scratch) => {
            await writeFile(join(scratch, 'x'), text);
            await store.replace(named('c'), join(scratch, 'x'));
          });
          expect(await given(store)).toBe(text);
          expect(await given(other)).toBe(text);
        }
        await store.remove(named('c'));
        expect(await given(other)).toBeNull();
      });

      it.each(['../a', '/etc/a', 'a/../b', 'a//b', ''])('refuses the name %j', async (wrong) => {
        await expect(store.putBytes(wrong, Buffer.from(''))).rejects.toThrow(TypeError);
        await expect(store.remove(wrong)).rejects.toThrow(TypeError);
        const ref = { key: wrong, sha256: '', bytes: 0 };
        await expect(store.getBytes(ref)).rejects.toThrow(TypeError);
      });

      it('takes scratch folders away, also after an error', async () => {
        const failing = store.withScratch(async (scratch) => {
          await writeFile(join(scratch, 'x'), 'x');
          throw new Error('stop');
        });
        await expect(failing).rejects.toThrow('stop');
        expect(await backend.leftovers()).toEqual([]);
      });

      it('reads what was written before the setting was changed', async () => {
        const before = await backend.open({ encrypts: !encrypts });
        const ref = await before.putBytes(named('a'), Buffer.from('hello'));
        expect(String(await store.getBytes(ref))).toBe('hello');
      });
    },
  );

  describe(`an encrypted blob in ${name}`, () => {
    it('holds nothing of its content, and can’t be read with other keys, which is said', async () => {
      const store = await backend.open({ encrypts: true });
      const ref = await store.putBytes(`${backend.prefix()}a`, Buffer.from('canary'));
      expect((await backend.read(ref.key)).includes('canary')).toBe(false);
      const stranger = await backend.open({ encrypts: true, keys: 'other.keys' });
      await expect(stranger.getBytes(ref)).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    });
  });
}
