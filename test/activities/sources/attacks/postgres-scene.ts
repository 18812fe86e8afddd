import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { checkPostgresRole } from '../../../../activities/sources/sql/postgres/check-postgres-role.ts';
import type { ServerConnection } from '../../../../platform/connections/connection-string.ts';
import { postgresPayloads } from './postgres-payloads.ts';
import type { ProvidedDatabase } from '../../../support/provided.ts';

/** What no query may show: it stands in a file, in a table and in what another session does. */
export const CANARY = 'canaryd41d8cd9';

const KEPT = ['canary', 'listing'];

/** What a query is allowed to read. */
export const TABLES = [
  'public.orders',
  'public.customers',
  'public.documents',
  'public.big_orders',
];

/**
 * A database of its own with things to attack: tables, files, functions of careless owners, extensions that
 * reach out, other people's sessions. Whoever owns it is a superuser, so that nothing but our layers
 * protects it; `reader` is the role that connections:check makes of that.
 */
export async function postgresScene({ host, port }: Pick<ProvidedDatabase, 'host' | 'port'>) {
  const folder = await mkdtemp(join(tmpdir(), 'attack-'));
  await chmod(folder, 0o777);
  await writeFile(join(folder, 'canary'), CANARY);
  await mkdir(join(folder, 'listing'));
  await writeFile(join(folder, 'listing', CANARY), '');
  const database = `attack_${process.pid}`;
  const role = `attack_owner_${process.pid}`;
  const admin = await connected({
    host,
    port,
    user: 'admin',
    password: 'admin',
    database: 'postgres',
  });
  await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await admin.query(`CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD 'owner'`);
  await admin.query(`CREATE DATABASE ${database} OWNER ${role}`);
  const owner = { host, port, database, user: role, password: 'owner' };
  const maker = await connected(owner);
  await maker.query(sceneSql(folder));
  const report = await checkPostgresRole(maker, { tables: TABLES, timeoutSeconds: 1 });
  const reader = { ...owner, user: report.newRole ?? '', password: 'reader' };
  const narrowing = report.findings.flatMap(({ sql }) => sql);
  for (const statement of narrowing) await maker.query(statement);
  await maker.query(`ALTER ROLE ${reader.user} PASSWORD 'reader'`);

  let heard = 0;
  maker.on('notification', () => heard++);
  await maker.query('LISTEN attack');
  /** Sessions of others: the owner's, and one that the reader has beside. */
  const bystanders: Client[] = [];
  async function invite(): Promise<void> {
    await Promise.all(bystanders.splice(0).map((client) => client.end().catch(() => undefined)));
    for (const who of [owner, reader]) {
      const bystander = await connected(who);
      bystander.on('error', () => undefined);
      await bystander.query(`SELECT '${CANARY}'`);
      bystanders.push(bystander);
    }
  }
  await invite();

  /** Everything that an attack could change, in one text. */
  async function state(): Promise<string> {
    const pids = bystanders.map((client) => Reflect.get(client, 'processID') as number);
    const told = await maker.query(STATE, [pids]).then(
      ({ rows }) => JSON.stringify(rows),
      (error: Error) => error.message,
    );
    return JSON.stringify([told, await readdir(folder), heard]);
  }

  return {
    state,
    payloads: postgresPayloads({ folder, ...owner }),
    owner: { kind: 'postgresql', tls: 'disable', ...owner } satisfies ServerConnection,
    reader: { kind: 'postgresql', tls: 'disable', ...reader } satisfies ServerConnection,
    /** Makes everything as it was. */
    async restore() {
      await maker.query(sceneSql(folder));
      for (const made of (await readdir(folder)).filter((name) => !KEPT.includes(name))) {
        await rm(join(folder, made));
      }
      await maker.query('ALTER SYSTEM RESET ALL');
      for (const statement of narrowing) {
        if (!statement.startsWith('CREATE ROLE')) await maker.query(statement);
      }
      await invite();
    },
    async close() {
      await Promise.all(
        [...bystanders, maker].map((client) => client.end().catch(() => undefined)),
      );
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${reader.user}`);
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connected(config: object): Promise<Client> {
  const client = new Client(config);
  await client.connect();
  return client;
}

const STATE = `SELECT
  (SELECT array_agg(v::text ORDER BY v::text) FROM victim v) AS victim,
  (SELECT count(*) FROM orders) AS orders,
  (SELECT array_agg(relname || relacl::text ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS relations,
  (SELECT array_agg(proname ORDER BY oid) FROM pg_proc WHERE oid > 16383) AS functions,
  (SELECT array_agg(nspname::text) FROM pg_namespace WHERE nspname !~ '^pg_t') AS schemas,
  (SELECT array_agg(extname) FROM pg_extension) AS extensions,
  (SELECT last_value || is_called::text FROM counter) AS counter,
  (SELECT array_agg(oid || lo_get(oid)::text) FROM pg_largeobject_metadata) AS objects,
  (SELECT array_agg(rolname || rolsuper ORDER BY rolname) FROM pg_roles) AS roles,
  (SELECT array_agg(setconfig::text) FROM pg_db_role_setting) AS settings,
  (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locks,
  (SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ($1::int[])) AS bystanders,
  (SELECT count(*) FROM pg_replication_slots) AS slots,
  (SELECT count(*) FROM pg_prepared_xacts) AS prepared,
  (SELECT stats_reset::text FROM pg_stat_database WHERE datname = current_database()) AS statistics,
  pg_stat_file('postgresql.auto.conf')::text AS configuration`;

function sceneSql(folder: string): string {
  return `
  DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS private, made CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;
  SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
  CREATE EXTENSION dblink; CREATE EXTENSION file_fdw; CREATE EXTENSION tablefunc; CREATE EXTENSION lo;
  CREATE TABLE customers (id int PRIMARY KEY, name text, age int);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int, amount numeric(10, 2), name text, ordered timestamptz, y int);
  CREATE TABLE documents (id int, data jsonb);
  CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 50;
  CREATE TABLE victim (id int); CREATE SEQUENCE counter;
  CREATE SCHEMA private; CREATE TABLE private.salaries (name text); CREATE TABLE orders_private (name text); CREATE TABLE secret (name text);
  INSERT INTO private.salaries VALUES ('${CANARY}'), ('${CANARY}'); INSERT INTO orders_private VALUES ('${CANARY}');
  INSERT INTO customers VALUES (1, 'Ada', 36), (2, 'Bob', 41);
  INSERT INTO orders SELECT i, i % 2 + 1, i * 10.5, 'n' || i, timestamptz '2026-01-31 12:00Z' - i * interval '1 day', i % 2 FROM generate_series(1, 20) i;
  INSERT INTO documents VALUES (1, '{"k": "v", "n": 5, "list": [1, 2]}');
  INSERT INTO victim VALUES (1), (2);
  CREATE FUNCTION harm(a anyelement DEFAULT 1::int) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN INSERT INTO public.victim VALUES (666); RETURN true; END';
  CREATE FUNCTION spy(a text DEFAULT '') RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT name FROM private.salaries';
  CREATE FUNCTION spied(orders) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT name FROM private.salaries';
  CREATE FUNCTION harmed(orders) RETURNS boolean LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.victim VALUES (667) RETURNING true';
  CREATE FUNCTION innocent(a text DEFAULT public.spy()) RETURNS text LANGUAGE sql AS 'SELECT a';
  CREATE FUNCTION lower(public.customers) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT name FROM private.salaries';
  CREATE FUNCTION compare(a public.customers, b int) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT name FROM private.salaries';
  CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
  CREATE OPERATOR public.+ (LEFTARG = public.customers, RIGHTARG = int, FUNCTION = compare);
  CREATE FUNCTION step(a boolean, b int) RETURNS boolean LANGUAGE sql AS 'SELECT public.harm(b)';
  CREATE AGGREGATE harms(int) (SFUNC = step, STYPE = boolean);
  CREATE DOMAIN harmful AS text CHECK (public.harm(VALUE));
  CREATE FUNCTION telling(text) RETURNS text LANGUAGE plpgsql COST 0.0001 AS 'BEGIN RAISE EXCEPTION USING MESSAGE = $1; END';
  CREATE VIEW harmful_view AS SELECT public.harm(1) AS a;
  CREATE VIEW spying_view AS SELECT name FROM private.salaries;
  CREATE PROCEDURE harms_all() LANGUAGE sql AS 'DELETE FROM public.victim';
  CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
  CREATE FOREIGN TABLE file_table (line text) SERVER files OPTIONS (filename '${folder}/canary');
  SELECT lo_from_bytea(4242, 'x'); ANALYZE; DROP ROLE IF EXISTS made; SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'made';`;
}
