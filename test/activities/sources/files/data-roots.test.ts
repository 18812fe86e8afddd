import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { parseDataRoots } from '../../../../activities/sources/files/data-roots.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testReader } from '../test-reader.ts';

const folder = await temporaryFolder();
const [own, sales, acme, shared] = ['own', 'sales', 'acme', 'shared'].map((name) =>
  join(folder, name),
) as [string, string, string, string];
for (const path of [own, sales, acme, shared]) {
  await mkdir(path);
  await writeFile(
    join(path, 'train.csv'),
    `a,y\n${`1,${path.split('/').at(-1)}\n2,x\n`.repeat(2)}`,
  );
}
await writeFile(join(acme, 'only.csv'), 'a,y\n1,x\n');
await symlink(acme, join(own, 'leak'));

const DATA_ROOTS = [own, `sales=${sales}`, `acme/private=${acme}`, `*/public=${shared}`];
const reader = await testReader({ dataRoots: DATA_ROOTS });
const { load, describe: describeSource } = reader;
const csv = (path: string) => ({ kind: 'file', path, format: 'csv', target: 'y' }) as const;
const label = async (path: string, tenant?: string) =>
  (await load(csv(path), { tenant })).labels[0];
const refusal = (path: string, tenant?: string) =>
  describeSource(csv(path), { tenant }).catch((error: unknown) => ({ ...(error as object) }));

describe('parseDataRoots', () => {
  it('gives each tenant its own folders and those of all', () => {
    const roots = parseDataRoots(DATA_ROOTS);
    const folders = (tenant: string) => roots.rootsOf(tenant).map((root) => root.folder);
    expect(folders('default')).toEqual([own, sales, shared]);
    expect(folders('acme')).toEqual([acme, shared]);
    expect(folders('stranger')).toEqual([shared]);
    expect(folders('*')).toEqual([shared]);
  });

  it('reads an entry that begins like a path as a path, whatever it holds', () => {
    const folders = parseDataRoots(['/data/x=1', './y=2']).rootsOf('default');
    expect(folders.map(({ name }) => name)).toEqual([null, null]);
    expect(folders[0]?.folder).toBe('/data/x=1');
  });

  it.each([
    [['Sales=/a'], /none of path/],
    [['Acme/sales=/a'], /none of path/],
    [['9=/a'], /none of path/],
    [['a='], /none of path/],
    [['=/a'], /none of path/],
    [['/a/b=/c', 'a/b/c=/d'], /none of path/],
    [['a=/a', 'default/a=/b'], /“a” twice/],
    [['acme/a=/a', '*/a=/b'], /“a” twice/],
    [['/data', 'acme/a=/data'], /overlap/],
    [['/data', 'acme/a=/data/acme'], /overlap/],
    [['acme/a=/data/acme', '*/all=/data'], /overlap/],
  ])('refuses %j', (entries, sentence) => {
    expect(() => parseDataRoots(entries)).toThrow(sentence);
  });

  it('takes one name from two tenants, and folders whose names begin alike', () => {
    const roots = parseDataRoots(['acme/a=/data/a', 'globex/a=/data/ab']);
    expect(roots.place('a:x.csv', 'acme').folders).toEqual(['/data/a']);
    expect(roots.place('a:x.csv', 'globex').folders).toEqual(['/data/ab']);
  });
});

describe('a file source', () => {
  it('is looked for in the caller’s roots in turn, or in the one that it names', async () => {
    expect(await label('train.csv')).toBe('own');
    expect(await label('sales:train.csv')).toBe('sales');
    expect(await label('public:./train.csv')).toBe('shared');
    expect(await label('train.csv', 'acme')).toBe('acme');
    expect(await label('private:train.csv', 'acme')).toBe('acme');
    expect(await label('train.csv', 'stranger')).toBe('shared');
    expect(await label(join(sales, 'train.csv'), 'default')).toBe('sales');
  });

  it('in another tenant’s root is answered like one in a root that is not there', async () => {
    const absent = join(folder, 'absent');
    for (const [theirs, nobodys] of [
      ['private:train.csv', 'nowhere:train.csv'],
      ['private:absent.csv', 'nowhere:absent.csv'],
      [join(acme, 'train.csv'), join(absent, 'train.csv')],
      [join(acme, 'absent.csv'), join(absent, 'absent.csv')],
      [acme, absent],
      ['only.csv', 'else.csv'],
      ['leak/only.csv', 'leak/else.csv'],
      ['leak/only.csv', 'leak/else/deeper.csv'],
    ] as const) {
      for (const tenant of [undefined, 'stranger']) {
        expect(await refusal(theirs, tenant)).toEqual(await refusal(nobodys, tenant));
      }
    }
    expect(await refusal('sales:train.csv', 'acme')).toEqual(await refusal('none:x', 'acme'));
    expect(await refusal('leak/only.csv')).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });

  it('that a database lies in is seen by its tenant alone', async () => {
    const database = new DatabaseSync(join(acme, 'shop.db'));
    database.exec('CREATE TABLE t AS SELECT 1 AS a, 2 AS y');
    database.close();
    const shop = reader.sql('sqlite:///shop.db', 'SELECT a, y FROM t');
    const named = reader.sql('sqlite:///private:shop.db', 'SELECT a, y FROM t');
    for (const source of [shop, named]) {
      expect(await describeSource(source, { tenant: 'acme' })).toMatchObject({ features: ['a'] });
      expect(await describeSource(source).catch((error: unknown) => error)).toMatchObject({
        code: expect.stringMatching(/FILE_NOT_FOUND|PATH_NOT_ALLOWED/) as string,
      });
    }
  });

  it.each([
    'sales:/etc/passwd',
    'sales:../acme/train.csv',
    'sales:~/x',
    'sales:a:b',
    'sales:',
    ':x',
  ])('is no way out of a named root: %s', async (path) => {
    expect(await refusal(path)).toMatchObject({
      code: expect.stringMatching(/PATH_NOT_ALLOWED|FILE_NOT_FOUND/) as string,
    });
  });

  it('tells which roots have a name, of those that the caller has', async () => {
    expect(await refusal('nowhere:train.csv')).toMatchObject({
      hint: 'The data roots with a name are “sales”, “public”.',
    });
    expect(await refusal('nowhere:train.csv', 'stranger')).toMatchObject({
      hint: 'The data roots with a name are “public”.',
    });
  });
});
