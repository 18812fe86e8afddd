import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { loadConnections } from '../../../activities/sources/connections.ts';
import { isOwnAddress } from '../../../activities/sources/sql/host-policy.ts';
import type { StoredSource } from '../../../schemas/source.ts';
import { directPool } from './direct-pool.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { testReader } from './test-reader.ts';

const folder = await temporaryFolder();
const { root, blobs, sql, describe: describeSource, load } = await testReader();

const connectionsFile = join(folder, 'connections.json');
await writeFile(
  connectionsFile,
  JSON.stringify({
    shop: { kind: 'sqlite', path: 'absent.db' },
    sales: { url: 'postgresql://u:p%40ss@db.example:5433/sales' },
    warehouse: { kind: 'mysql', host: 'db', database: 'd', user: 'u', passwordEnv: 'SECRET' },
    lake: {
      kind: 'postgresql',
      host: 'db',
      database: 'd',
      user: 'u',
      passwordFile: join(folder, 'pw'),
    },
  }),
);
const connections = await loadConnections(connectionsFile, { SECRET: 'from the environment' });
const withoutStrings = await testReader({
  connections,
  rawConnectionsAllowed: false,
  pool: directPool,
});
const offLoopback = await testReader({ loopbackAllowed: false, pool: directPool });

describe('files', () => {
  const csv = (path: string): StoredSource => ({ kind: 'file', path, format: 'csv', target: 'y' });

  it('are described from their first bytes and loaded in a process of their own', async () => {
    const content = 'a,flag,note,y\n1,True,hello,x\n2,False,NA,z\n3,True,there,x\n4,True,,z\n';
    await writeFile(join(root, 'train.csv'), content);
    expect(await describeSource(csv('train.csv'))).toEqual({
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'flag', type: 'boolean' },
        { name: 'note', type: 'text' },
        { name: 'y', type: 'text' },
      ],
      features: ['a', 'flag', 'note'],
      display: 'CSV file train.csv',
    });
    const { rows, labels, loaded } = await load(csv('train.csv'), { features: ['flag', 'a'] });
    expect(rows).toEqual([
      [1, 1],
      [0, 2],
      [1, 3],
      [1, 4],
    ]);
    expect(labels).toEqual(['x', 'z', 'x', 'z']);
    expect(loaded.sourceSha256).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('are refused in both steps with the same words', async () => {
    await writeFile(join(root, 'wrong.csv'), 'a,y,a\n1,2,3\n');
    for (const [path, code] of [
      ['wrong.csv', 'FILE_UNREADABLE'],
      ['absent.csv', 'FILE_NOT_FOUND'],
      ['../x.csv', 'PATH_NOT_ALLOWED'],
    ] as const) {
      const [described, loaded] = await Promise.all([
        describeSource(csv(path)).catch((error: unknown) => error),
        load(csv(path)).catch((error: unknown) => error),
      ]);
      expect(described).toMatchObject({ code });
      expect((loaded as Error).message).toBe((described as Error).message);
    }
  });

  it('that change while they are read make no dataset', async () => {
    const path = join(root, 'changing.csv');
    const line = `${'1,'.repeat(50)}0\n${'2,'.repeat(50)}1\n`;
    const header = Array.from({ length: 50 }, (_, i) => `c${i}`).join(',');
    await writeFile(path, `${header},y\n${line.repeat(20_000)}`);
    let over = false;
    const writing = (async () => {
      while (!over) await appendFile(path, line);
    })();
    const reading = load(csv('changing.csv')).finally(() => (over = true));
    await expect(reading).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await writing;
  });

  it('are read to the last row when they are larger than what is copied at once', async () => {
    const rows = 700_000;
    const lines = Array.from({ length: rows }, (_, i) => `${i},${i * 2},${i % 2}`);
    await writeFile(join(root, 'large.csv'), `a,b,y\n${lines.join('\n')}`);
    const { loaded, rows: read } = await load(csv('large.csv'));
    expect(loaded.rows).toBe(rows);
    expect(read.every(([a, b], i) => a === i && b === 2 * i)).toBe(true);
  });

  it('suggest the columns that were meant', async () => {
    await writeFile(join(root, 'names.csv'), 'first_name,Age,y\na,1,2\n');
    const error = await describeSource(csv('names.csv'), { features: ['age', 'frist_name'] }).catch(
      (failed: unknown) => failed,
    );
    expect(error).toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: 'The source has no column “age”, “frist_name”.',
      hint: 'Did you mean “Age”, “first_name”? The columns are “first_name”, “Age”, “y”.',
    });
  });

  it('keep hostile column names out of messages', async () => {
    const name = `ignore\u202e previous ${'x'.repeat(300)}`;
    await writeFile(join(root, 'hostile.csv'), `${name},y\n,1\n`);
    const error = (await load(csv('hostile.csv')).catch((failed: unknown) => failed)) as Error;
    expect(error.message.length).toBeLessThan(150);
    expect(error.message).not.toContain('\u202e');
  });
});

describe('inline records', () => {
  async function records(list: readonly unknown[]): Promise<StoredSource> {
    const blob = await blobs.putBytes('inline/records', Buffer.from(JSON.stringify(list)));
    return { kind: 'inline', task: 'text-classification', records: blob, count: list.length };
  }
  const wish = { task: 'text', target: 'label', features: ['text'] } as const;
  const labelled = (labels: readonly unknown[]) =>
    records(labels.map((label, i) => ({ text: `text ${i} é`, label })));

  it('become a text dataset', async () => {
    const source = await labelled([1, 0, 1, 0]);
    expect(await describeSource(source, wish)).toEqual({
      columns: [
        { name: 'text', type: 'text' },
        { name: 'label', type: 'label' },
      ],
      features: ['text'],
      display: '4 inline records',
    });
    const { texts, labels, loaded, meta } = await load(source, wish);
    expect(texts).toEqual(['text 0 é', 'text 1 é', 'text 2 é', 'text 3 é']);
    expect(labels).toEqual([1, 0, 1, 0]);
    expect(meta.labelType).toBe('int');
    expect(loaded.sourceSha256).toBe(source.kind === 'inline' ? source.records.sha256 : '');
  });

  it.each([
    ['int', [2, 10, 2, 10], [2, 10]],
    ['bool', [true, false, true, false], [false, true]],
    ['string', ['b', 'a', 'b', 'a'], ['a', 'b']],
  ])('keep labels of type %s', async (type, given, expected) => {
    const { meta } = await load(await labelled(given), wish);
    expect(meta).toMatchObject({ labelType: type, labels: expected });
  });

  it.each([
    ['MIXED_LABELS', [1, '1', 1, '1']],
    ['MIXED_LABELS', [1, true, 1, true]],
    ['ONE_CLASS', ['a', 'a']],
    ['CLASS_TOO_SMALL', ['a', 'a', 'b']],
    ['TOO_MANY_CLASSES', [0.5, 0.5, 1, 1]],
  ])('fail with %s for %j', async (code, labels) => {
    await expect(load(await labelled(labels), wish)).rejects.toMatchObject({ code });
  });
});

describe('connections', () => {
  const query = 'SELECT 1 AS a, 2 AS y';

  it('by string are refused where the server does not allow them', async () => {
    const { sql: sealed, load: loadFrom } = withoutStrings;
    await expect(loadFrom(sealed('sqlite:///x.db', query))).rejects.toMatchObject({
      code: 'CONNECTION_NOT_ALLOWED',
    });
  });

  it('sealed with another key can’t be opened', async () => {
    const { sql: foreign } = withoutStrings;
    await expect(load(foreign('sqlite:///x.db', query))).rejects.toMatchObject({
      code: 'CONNECTION_NOT_ALLOWED',
    });
  });

  it('never reach this machine off loopback, under none of its names', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    const { sql: sealed, load: loadFrom } = offLoopback;
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '169.254.169.254',
      '[fe80::1]',
    ]) {
      for (const scheme of ['postgresql', 'mysql']) {
        await expect(
          loadFrom(sealed(`${scheme}://u:p@${host}:${port}/d`, query)),
        ).rejects.toMatchObject({ code: 'HOST_NOT_ALLOWED' });
      }
    }
    expect(connections).toBe(0);
    listener.close();
  });

  it('by string open no file and no socket, whatever their options name', async () => {
    // Who opens a pipe to read waits for ever: nobody writes it.
    const pipe = join(folder, 'pipe');
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', pipe]);
    let connections = 0;
    const listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(join(folder, '.s.PGSQL.5432'), resolve));
    const options = [
      ...['sslcert', 'sslkey', 'sslrootcert', 'sslcrl', 'passfile', 'service', 'servicefile'],
      ...['read_default_file', 'ssl_ca', 'ssl', 'sslpassword', 'krbsrvname'],
    ].map((name) => `${name}=${pipe}`);
    options.push(
      ...[`host=${folder}`, `hostaddr=169.254.169.254`, `unix_socket=${folder}/.s.PGSQL.5432`],
      ...[`socketPath=${folder}/.s.PGSQL.5432`, 'multipleStatements=true', 'flags=%2BLOCAL_FILES'],
      ...[
        'options=-csearch_path%3Dx',
        'infileStreamFactory=x',
        'allow_local_infile=1',
        'uselibpqcompat=true',
      ],
      ...[
        'target_session_attrs=any',
        'sslmode=disable&sslmode=no-verify',
        'replication=database',
        'port=1',
      ],
      ...[
        'SSLMODE=disable',
        'sslmode=disable;host=x',
        'sslmode=disable%26host=x',
        'charset=utf8&local_infile=1',
      ],
    );
    const strings = [
      ...['postgresql', 'mysql', 'postgresql+asyncpg'].flatMap((scheme) =>
        options.map((option) => `${scheme}://u:p@db.invalid/d?${option}`),
      ),
      ...[
        `socket:${folder}?db=d`,
        `postgresql://u:p@${encodeURIComponent(folder)}/d`,
        `postgresql:///d?host=${folder}`,
      ],
      ...[
        `sqlite:///file:${pipe}?mode=rw`,
        `sqlite:///${pipe}?vfs=unix`,
        `postgresql://u:p@db.invalid,127.0.0.1/d`,
      ],
    ];
    for (const text of strings) {
      await expect(load(sql(text, query))).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:CONNECTION_NOT_ALLOWED|INVALID_REQUEST)$/) as string,
      });
    }
    expect(connections).toBe(0);
    listener.close();
  });

  it('knows its own addresses', () => {
    for (const own of [
      '127.9.9.9',
      '169.254.1.1',
      '::1',
      'fe80::abcd',
      '::ffff:169.254.169.254',
      '0.1.2.3',
    ]) {
      expect(isOwnAddress(own)).toBe(true);
    }
    for (const other of ['10.0.0.5', '192.168.1.1', '93.184.215.14', '2001:db8::1', 'fd12::1']) {
      expect(isOwnAddress(other)).toBe(false);
    }
  });

  it('by name come from the operator’s file', async () => {
    expect(await connections.open('sales')).toMatchObject({ port: 5433, password: 'p@ss' });
    expect(await connections.open('warehouse')).toMatchObject({
      port: 3306,
      password: 'from the environment',
    });
    await expect(connections.open('lake')).rejects.toMatchObject({ code: 'SETUP_FAILED' });
    await writeFile(join(folder, 'pw'), 'rotated\n');
    expect(await connections.open('lake')).toMatchObject({ password: 'rotated' });
    await expect(connections.open('sale')).rejects.toMatchObject({
      code: 'CONNECTION_NOT_FOUND',
      hint: 'Did you mean “sales”?',
    });
    await expect(connections.open('constructor')).rejects.toMatchObject({
      code: 'CONNECTION_NOT_FOUND',
    });

    await expect(
      withoutStrings.load({ kind: 'sql', conn: { name: 'shop' }, query, target: 'y' }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown kind', '{"a": {"kind": "oracle", "path": "secret-value"}}'],
    [
      'two passwords',
      '{"a": {"kind": "mysql", "host": "h", "database": "d", "user": "u", "password": "secret-value", "passwordEnv": "X"}}',
    ],
    ['a wrong name', '{"a b": {"url": "secret-value"}}'],
  ])('fail at start when the file holds %s', async (_, content) => {
    const path = join(folder, 'wrong.json');
    await writeFile(path, content);
    const error = (await loadConnections(path).catch((failed: unknown) => failed)) as Error;
    expect(error).toMatchObject({ code: 'SETUP_FAILED' });
    expect(error.message).not.toContain('secret-value');
  });

  it('show nothing of the password in a failure', async () => {
    const error = (await load(sql('postgresql://user:hunter2@127.0.0.1:1/d', query)).catch(
      (failed: unknown) => failed,
    )) as Error;
    expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(JSON.stringify([error.message, error])).not.toContain('hunter2');
  });
});
