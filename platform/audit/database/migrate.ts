import { sql, type Kysely, type Transaction } from 'kysely';

import type { AuditTables } from './tables.ts';

/** Any number: those who make the tables at the same time wait for each other. */
const MIGRATION_LOCK = 7_230_221;

type Maker = Transaction<AuditTables>;

/** Makes what is not there yet. Events can't be changed, and only pruned ones taken away. */
export async function migrate(
  database: Kysely<AuditTables>,
  kind: 'sqlite' | 'postgres',
): Promise<void> {
  await database.transaction().execute(async (making) => {
    if (kind === 'postgres')
      await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(making);
    await makeTables(making);
    await (kind === 'postgres' ? guardPostgres(making) : guardSqlite(making));
  });
}

async function makeTables(making: Maker): Promise<void> {
  const table = (name: keyof AuditTables) => making.schema.createTable(name).ifNotExists();
  await table('audit_chains')
    .addColumn('chain', 'text', (column) => column.primaryKey())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('head', 'text', (column) => column.notNull())
    .addColumn('frontier', 'text', (column) => column.notNull())
    .addColumn('pruned_size', 'integer', (column) => column.notNull())
    .addColumn('pruned_head', 'text', (column) => column.notNull())
    .addColumn('pruned_frontier', 'text', (column) => column.notNull())
    .execute();
  await table('audit_events')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_events_place', ['chain', 'seq'])
    .addUniqueConstraint('audit_events_once', ['chain', 'id'])
    .execute();
  await table('audit_subjects')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_subjects_place', ['chain', 'subject', 'seq'])
    .execute();
  await table('audit_nodes')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('root', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_nodes_place', ['chain', 'position'])
    .execute();
  await table('audit_private')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('commitment', 'text', (column) => column.notNull())
    .addColumn('salt', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_private_place', ['chain', 'commitment'])
    .execute();
  await making.schema
    .createIndex('audit_private_run')
    .ifNotExists()
    .on('audit_private')
    .columns(['workflow_id', 'chain'])
    .execute();
}

async function guardSqlite(making: Maker): Promise<void> {
  await sql`CREATE TRIGGER IF NOT EXISTS audit_events_fixed BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END`.execute(making);
  await sql`CREATE TRIGGER IF NOT EXISTS audit_events_kept BEFORE DELETE ON audit_events
    WHEN OLD.seq > (SELECT pruned_size FROM audit_chains WHERE chain = OLD.chain)
    BEGIN SELECT RAISE(ABORT, 'audit events are never removed'); END`.execute(making);
}

async function guardPostgres(making: Maker): Promise<void> {
  await sql`CREATE OR REPLACE FUNCTION audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.seq <= (SELECT pruned_size FROM audit_chains WHERE chain = OLD.chain) THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'audit events are never changed or removed';
    END $$`.execute(making);
  await sql`CREATE OR REPLACE TRIGGER audit_events_fixed BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_guard()`.execute(making);
  await sql`CREATE OR REPLACE TRIGGER audit_events_whole BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_guard()`.execute(making);
}
