import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';

import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';

import { mariadbServer, postgresServer } from '../activities/sources/servers.ts';
import { temporaryFolder } from '../activities/sources/temporary-folder.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/connections-check.ts', import.meta.url));
const folder = await temporaryFolder();
const file = join(folder, 'connections.json');
const mariadb = mariadbServer();

/** Runs the command as an operator does. */
function check(entries: object, ...names: string[]): Promise<{ code: number; said: string }> {
  return writeFile(file, JSON.stringify(entries)).then(
    () =>
      new Promise((resolve) => {
        const env = {
          PATH: process.env['PATH'],
          CONNECTIONS_FILE: file,
          DATA_ROOTS: join(folder, 'data'),
        };
        execFile(process.execPath, [PROGRAM, ...names], { env }, (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
        );
      }),
  );
}

/** The statements among what was printed. */
const statements = (said: string): string[] =>
  said.split('\n').filter((line) => /^ {2}[A-Z].*;$/.test(line));

describe('connections:check on PostgreSQL', async () => {
  const database = `checked_${process.pid}`;
  const { host, port } = postgresServer();
  const admin = { host, port, user: 'admin', password: 'admin' };
  const entry = { kind: 'postgresql', ...admin, database, tls: 'prefer' };
  const maker = new Client({ ...admin, database: 'postgres' });
  await maker.connect();
  await maker.query(`CREATE DATABASE ${database}`);
  const inside = new Client({ ...admin, database });
  await inside.connect();
  afterAll(async () => {
    await inside.end();
    await maker.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await maker.query(`DROP ROLE IF EXISTS admin_reader, "odd ""role"`);
    await maker.end();
  });

  it('narrows a superuser’s connection to a role with nothing to find', async () => {
    await inside.query(`CREATE TABLE train (a int, y int); INSERT INTO train VALUES (1, 0);
      CREATE FUNCTION lifted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; CREATE EXTENSION dblink;`);
    const before = await check({ warehouse: entry });
    expect(before.code).toBe(1);
    expect(before.said).toMatch(/superuser/);
    expect(before.said).toMatch(/lifted/);
    expect(before.said).toMatch(/dblink/);
    expect(before.said).toContain(String.raw`\password "admin_reader"`);
    for (const statement of statements(before.said)) await inside.query(statement);
    await inside.query(`ALTER ROLE admin_reader PASSWORD 'hunter2'`);
    const reader = { ...entry, user: 'admin_reader', password: 'hunter2' };
    const after = await check({ warehouse: reader });
    expect(after.said).toMatch(/can only read/);
    expect(after.code).toBe(0);
    expect(after.said).not.toContain('hunter2');

    const session = new Client({ ...reader, kind: undefined } as object);
    await session.connect();
    expect((await session.query('SELECT * FROM train')).rows).toEqual([{ a: 1, y: 0 }]);
    for (const query of [
      "SELECT pg_read_file('/etc/hostname')",
      "SELECT lo_import('/etc/hostname')",
      "COPY (SELECT 1) TO PROGRAM 'true'",
      'SELECT lifted()',
      "SELECT dblink_connect('dbname=postgres')",
      'SELECT pg_terminate_backend(0)',
      'SET transaction_read_only = off; INSERT INTO train VALUES (2, 2)',
    ]) {
      await expect(session.query(query)).rejects.toThrow();
    }
    await session.end();
  });

  it('names each right of an ordinary role, and takes it away where it stands', async () => {
    await inside.query(`CREATE ROLE "odd ""role" LOGIN CREATEDB PASSWORD 'hunter2'; GRANT pg_read_server_files TO "odd ""role";
      CREATE TABLE "odd ""table" (a int); CREATE SEQUENCE numbers; CREATE SCHEMA work;
      GRANT SELECT, INSERT ON "odd ""table" TO "odd ""role"; GRANT UPDATE (y) ON train TO "odd ""role";
      GRANT USAGE ON SEQUENCE numbers TO "odd ""role"; GRANT CREATE ON SCHEMA work TO "odd ""role";
      GRANT CREATE ON DATABASE ${database} TO "odd ""role"; GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO "odd ""role";`);
    const odd = { warehouse: { ...entry, user: 'odd "role', password: 'hunter2' } };
    const before = await check(odd);
    expect(before.code).toBe(1);
    for (const right of [
      'CREATEDB',
      'pg_read_server_files',
      'INSERT',
      'UPDATE (y)',
      'USAGE',
      'SCHEMA work',
      'pg_ls_dir',
      'statement_timeout',
    ]) {
      expect(before.said).toContain(right);
    }
    for (const statement of statements(before.said)) await inside.query(statement);
    expect(await check(odd)).toMatchObject({ code: 0 });
  });
});

describe.skipIf('unavailable' in mariadb)('connections:check on MariaDB', () => {
  it('narrows a connection with all privileges to an account with nothing to find', async () => {
    if ('unavailable' in mariadb) return;
    const { host, port } = mariadb;
    const [database, user] = [`checked_${process.pid}`, `checked_${process.pid}`];
    const root = await createConnection({ host, port, user: 'root', multipleStatements: true });
    await root.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.train (a int); CREATE USER '${user}'@'%' IDENTIFIED BY 'hunter2';
      GRANT FILE, PROCESS ON *.* TO '${user}'@'%'; GRANT ALL ON ${database}.* TO '${user}'@'%';`);
    const entry = { kind: 'mysql', host, port, database, user, password: 'hunter2' };
    const before = await check({ shop: entry });
    expect(before.code).toBe(1);
    expect(before.said).toMatch(/FILE/);
    for (const statement of statements(before.said)) await root.query(statement);
    await root.query(`ALTER USER '${user}_reader'@'%' IDENTIFIED BY 'hunter2' ACCOUNT UNLOCK`);
    const reader = { ...entry, user: `${user}_reader` };
    const after = await check({ shop: reader });
    expect(after).toMatchObject({
      code: 0,
      said: expect.stringContaining('can only read') as string,
    });
    await root.query(
      `GRANT INSERT ON ${database}.train TO '${user}_reader'@'%'; GRANT EXECUTE ON ${database}.* TO '${user}_reader'@'%'`,
    );
    const widened = await check({ shop: reader });
    expect(widened.said).toMatch(/INSERT/);
    for (const statement of statements(widened.said)) await root.query(statement);
    expect(await check({ shop: reader })).toMatchObject({ code: 0 });
    expect(before.said + after.said + widened.said).not.toMatch(/hunter2|\*[0-9A-F]{40}/);
    await root.query(`DROP DATABASE ${database}; DROP USER '${user}'@'%', '${user}_reader'@'%'`);
    await root.end();
  });
});

describe('connections:check', () => {
  it('looks at the others when one can’t be reached, and says so', async () => {
    await mkdir(join(folder, 'data'), { recursive: true });
    new DatabaseSync(join(folder, 'data', 'shop.db')).exec('CREATE TABLE t (a)');
    const entries = {
      gone: { url: 'postgresql://u:hunter2@127.0.0.1:1/d' },
      shop: { kind: 'sqlite', path: 'shop.db' },
      outside: { kind: 'sqlite', path: PROGRAM },
      clear: { url: 'mysql://u:hunter2@db.invalid/d?sslmode=disable' },
    };
    const all = await check(entries);
    expect(all.code).toBe(2);
    expect(all.said).toMatch(/gone: The database can’t be reached/);
    expect(all.said).toMatch(/chmod a-w/);
    expect(all.said).toMatch(/outside: There is no such SQLite file in the data roots/);
    expect(all.said).not.toContain('hunter2');
    expect(await check(entries, 'shop')).toMatchObject({ code: 1 });
    await chmod(join(folder, 'data', 'shop.db'), 0o444);
    expect(await check(entries, 'shop')).toMatchObject({ code: 0 });
    expect(await check(entries, 'shopp')).toMatchObject({ code: 2 });
  });
});
