import type { Client } from 'pg';

/** A role, and what it may do because of what it is. */
interface RoleFacts {
  readonly oid: string;
  readonly name: string;
  readonly superuser: boolean;
  readonly powers: readonly string[];
}

/** A privilege on one object. */
export interface Granted {
  /** The object as GRANT and REVOKE write it, like TABLE "s"."t". */
  readonly object: string;
  readonly privileges: readonly string[];
}

/** A list of rights, as the catalog of an object keeps it, or what stands for none. */
const rights = (acl: string, kind: string, owner: string) =>
  `aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a`;
const OWN_SCHEMA = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
const QUOTED = `quote_ident(n.nspname) || '.' || quote_ident(c.relname)`;

/** The role itself and every role that it may become. */
export async function rolesOf(client: Client): Promise<RoleFacts[]> {
  const { rows } = await client.query<RoleFacts>(`
    SELECT oid::text, rolname AS name, rolsuper AS superuser,
      array_remove(ARRAY[CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL) AS powers
    FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') AND rolname !~ '^pg_'
    ORDER BY rolname <> current_user, rolname`);
  return rows;
}

/** What roles own in this database: an owner may do everything. */
export async function ownedBy(client: Client, roles: readonly string[]): Promise<string[]> {
  return list(
    client,
    `SELECT 'the database' AS text FROM pg_database WHERE datname = current_database() AND datdba = ANY ($1::oid[])
     UNION ALL SELECT quote_ident(nspname) FROM pg_namespace n WHERE ${OWN_SCHEMA} AND nspowner = ANY ($1::oid[])
     UNION ALL SELECT ${QUOTED} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE ${OWN_SCHEMA} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relowner = ANY ($1::oid[])
     UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE ${OWN_SCHEMA} AND proowner = ANY ($1::oid[])`,
    [roles],
  );
}

/** Memberships in PostgreSQL’s own roles, each as “a FROM b”, but for the one that reads all tables. */
export function memberships(client: Client, roles: readonly string[]): Promise<string[]> {
  return list(
    client,
    `SELECT quote_ident(g.rolname) || ' FROM ' || quote_ident(m.rolname) AS text FROM pg_auth_members am
     JOIN pg_roles g ON g.oid = am.roleid JOIN pg_roles m ON m.oid = am.member
     WHERE am.member = ANY ($1::oid[]) AND g.rolname ~ '^pg_' AND g.rolname <> 'pg_read_all_data' ORDER BY 1`,
    [roles],
  );
}

/** Rights beyond reading that grantees have on the database, schemas, tables, columns and sequences. */
export async function rightsToChange(
  client: Client,
  grantees: readonly string[],
): Promise<Granted[]> {
  const { rows } = await client.query<Granted>(
    `SELECT object, array_agg(DISTINCT privilege ORDER BY privilege) AS privileges FROM (
       SELECT 'DATABASE ' || quote_ident(datname) AS object, privilege_type AS privilege, grantee
         FROM pg_database, ${rights('datacl', 'd', 'datdba')}
         WHERE datname = current_database() AND privilege_type <> 'CONNECT'
       UNION ALL SELECT 'SCHEMA ' || quote_ident(nspname), privilege_type, grantee
         FROM pg_namespace n, ${rights('nspacl', 'n', 'nspowner')}
         WHERE ${OWN_SCHEMA} AND privilege_type <> 'USAGE'
       UNION ALL SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || ${QUOTED}, privilege_type, grantee
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, ${rights('relacl', 'r', 'relowner')}
         WHERE ${OWN_SCHEMA} AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
           AND (privilege_type <> 'SELECT' OR relkind = 'f')
       UNION ALL SELECT 'TABLE ' || ${QUOTED}, privilege_type || ' (' || quote_ident(attname) || ')', grantee
         FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(attacl) a
         WHERE ${OWN_SCHEMA} AND privilege_type <> 'SELECT'
       UNION ALL SELECT 'FOREIGN SERVER ' || quote_ident(srvname), privilege_type, grantee
         FROM pg_foreign_server, ${rights('srvacl', 'S', 'srvowner')}
     ) granted WHERE grantee = ANY ($1::oid[]) GROUP BY object ORDER BY object`,
    [grantees],
  );
  return rows;
}

/** Functions that grantees may call and that match a condition on pg_proc p, its schema n and its extension e. */
export function callable(
  client: Client,
  grantees: readonly string[],
  condition: string,
): Promise<string[]> {
  return list(
    client,
    `SELECT DISTINCT p.oid::regprocedure::text AS text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       JOIN pg_language l ON l.oid = p.prolang
       LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
       LEFT JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass,
       ${rights('p.proacl', 'f', 'p.proowner')}
     WHERE a.grantee = ANY ($1::oid[]) AND (${condition}) ORDER BY 1`,
    [grantees],
  );
}

/** The first column of what a query returns, called text. */
export async function list(client: Client, text: string, values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>({ text, values });
  return rows.map((row) => row.text);
}
