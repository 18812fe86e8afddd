import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createConnection, type Connection } from 'mysql2';

import { checkMysqlRole } from '../../../../activities/sources/sql/mysql/check-mysql-role.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import type { ProvidedDatabase } from '../../../support/provided.ts';
import { mysqlPayloads } from './mysql-payloads.ts';

/** What no query may show. */
export const CANARY = 'canaryd41d8cd9';

/** What a query is allowed to read. */
export const TABLES = ['orders', 'customers', 'documents', 'big_orders'];

/**
 * Databases of their own with things to attack, and two accounts: one that may do everything, and the
 * one that connections:check makes of it.
 */
export async function mysqlScene({ host, port }: ProvidedDatabase) {
  const folder = await mkdtemp(join(tmpdir(), 'attack-'));
  await chmod(folder, 0o777);
  await writeFile(join(folder, 'canary'), CANARY);
  await chmod(join(folder, 'canary'), 0o644);
  const database = `attack_${process.pid}`;
  const user = `attack_${process.pid}`;
  const root = createConnection({ host, port, user: 'root', multipleStatements: true }).promise();
  await root.query(
    `CREATE USER '${user}'@'%' IDENTIFIED BY 'owner'; GRANT ALL ON *.* TO '${user}'@'%' WITH GRANT OPTION;`,
  );
  await root.query(sceneSql(database));
  const owner = { host, port, database, user, password: 'owner' };
  const maker = createConnection({ ...owner, multipleStatements: true });
  const needs = { tables: TABLES, timeoutSeconds: 1, database };
  const report = await checkMysqlRole(maker, needs);
  const narrowing = report.findings.flatMap(({ sql }) => sql);
  for (const statement of narrowing) await maker.promise().query(statement);
  const reader = { ...owner, user: report.newRole ?? '', password: 'reader' };
  await maker
    .promise()
    .query(`ALTER USER '${reader.user}'@'%' IDENTIFIED BY 'reader' ACCOUNT UNLOCK`);
  const bystanders: Connection[] = [];
  async function invite(): Promise<void> {
    for (const client of bystanders.splice(0)) client.destroy();
    for (const who of [owner, reader]) {
      const bystander = createConnection(who);
      bystander.on('error', () => undefined);
      await bystander.promise().query('SELECT 1');
      bystanders.push(bystander);
    }
    // Sessions of one account see each other’s queries: what is to be hidden is another’s.
    bystanders[0]?.query(`SELECT '${CANARY}', SLEEP(1000)`, () => undefined);
  }
  await invite();

  async function state(): Promise<string> {
    const told = await root
      .query(
        stateSql(
          database,
          bystanders.map(({ threadId }) => threadId),
        ),
      )
      .then(
        ([rows]) => JSON.stringify(rows),
        (error: Error) => error.message,
      );
    return JSON.stringify([told, await readdir(folder)]);
  }

  return {
    state,
    payloads: mysqlPayloads({ folder, database }),
    owner: { kind: 'mysql', tls: 'disable', ...owner } satisfies ServerConnection,
    reader: { kind: 'mysql', tls: 'disable', ...reader } satisfies ServerConnection,
    async restore() {
      await root.query(sceneSql(database));
      for (const made of (await readdir(folder)).filter((name) => name !== 'canary')) {
        await rm(join(folder, made));
      }
      await invite();
    },
    async close() {
      for (const client of bystanders) client.destroy();
      maker.destroy();
      await root.query(`DROP DATABASE ${database}; DROP DATABASE ${database}_private;
        DROP USER '${user}'@'%'; DROP USER '${reader.user}'@'%'`);
      root.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of accounts only those that an attack could make or touch: other tests make theirs on this server. */
const stateSql = (database: string, threads: readonly number[]) => `
  SELECT GROUP_CONCAT(id ORDER BY id) AS victim FROM ${database}.victim;
  SELECT COUNT(*), SUM(amount) FROM ${database}.orders;
  SELECT next_not_cached_value FROM ${database}.counter;
  SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema LIKE '${database}%';
  SELECT GROUP_CONCAT(routine_name ORDER BY routine_name) FROM information_schema.routines WHERE routine_schema = '${database}';
  SELECT GROUP_CONCAT(CONCAT(user, '@', host) ORDER BY user, host) FROM mysql.user WHERE user = 'made' OR user LIKE '${database}%';
  SELECT @@GLOBAL.general_log, @@GLOBAL.max_connect_errors, @@GLOBAL.local_infile;
  SELECT COUNT(*) FROM information_schema.processlist WHERE id IN (${threads.join(', ')});
  SELECT IS_FREE_LOCK('${database}');
  SELECT COUNT(*) FROM mysql.func`;

const sceneSql = (database: string) => `
  SET GLOBAL general_log = 0; SET GLOBAL max_connect_errors = 100; DROP USER IF EXISTS made;
  DROP DATABASE IF EXISTS ${database}; DROP DATABASE IF EXISTS ${database}_private;
  CREATE DATABASE ${database}; CREATE DATABASE ${database}_private; USE ${database};
  CREATE TABLE customers (id int PRIMARY KEY, name varchar(50), age int);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int, amount decimal(10, 2), name varchar(50), ordered datetime, y tinyint(1));
  CREATE TABLE documents (id int, data json);
  CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 50;
  CREATE TABLE victim (id int); CREATE SEQUENCE counter NOCACHE;
  CREATE TABLE secret (name varchar(50)); CREATE TABLE ${database}_private.salaries (name varchar(50));
  INSERT INTO secret VALUES ('${CANARY}'); INSERT INTO ${database}_private.salaries VALUES ('${CANARY}');
  INSERT INTO customers VALUES (1, 'Ada', 36), (2, 'Bob', 41);
  INSERT INTO orders SELECT seq, seq % 2 + 1, seq * 10.5, CONCAT('n', seq), TIMESTAMP('2026-01-31 12:00:00') - INTERVAL seq DAY, seq % 2 FROM seq_1_to_20;
  INSERT INTO documents VALUES (1, '{"a": 1, "b": "x", "list": [1, 2]}');
  INSERT INTO victim VALUES (1), (2);
  CREATE FUNCTION harm() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO victim VALUES (666); RETURN 1; END;
  CREATE FUNCTION spy() RETURNS varchar(50) READS SQL DATA RETURN (SELECT MAX(name) FROM secret);
  CREATE PROCEDURE harms_all() DELETE FROM victim;
  CREATE VIEW harmful_view AS SELECT harm() AS a;
  CREATE VIEW spying_view AS SELECT name FROM secret;`;
