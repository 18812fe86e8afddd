import { escapeIdentifier, type Client } from 'pg';

import {
  listed,
  readerOf,
  type RoleFinding,
  type RoleNeeds,
  type RoleReport,
} from '../role-report.ts';
import { callable, list, memberships, ownedBy, rightsToChange, rolesOf } from './role-facts.ts';

const NAME_BYTES = 63;
/** Extensions whose functions reach other servers, files or the shell, or run SQL that is given as text. */
const REACHING = `e.extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'lo', 'http', 'pg_net', 'pg_cron',
  'aws_s3', 'aws_lambda', 'plsh', 'plproxy', 'tablefunc', 'xml2', 'pageinspect', 'pg_background', 'orafce')`;
/** Functions of PostgreSQL itself that do more than compute: locks, signals, files, messages, large objects, SQL as text. */
const ACTING =
  `n.nspname = 'pg_catalog' AND p.proname ~ '^(pg_(try_)?advisory_(xact_)?lock|pg_(cancel|terminate)_backend$|pg_notify$
  |pg_logical_emit_message$|pg_export_snapshot$|pg_sleep|pg_read_|pg_ls_|pg_stat_file|pg_current_logfile|lo_|lowrite$|loread$
  |(query|database|schema|cursor)_to_xml|ts_stat$|txid_current$|pg_current_xact_id$|pg_stat_get_activity$|pg_stat_get_backend_activity$)'`.replaceAll(
    /\n\s*/g,
    '',
  );

/**
 * What the role of a session could do beyond reading, by PostgreSQL’s own catalogs, with the statements
 * that leave a role that only reads. What owns things or rules the server can’t be narrowed: for it
 * the statements make a new role.
 */
export async function checkPostgresRole(client: Client, needs: RoleNeeds): Promise<RoleReport> {
  const roles = await rolesOf(client);
  const [self] = roles;
  if (!self) throw new Error('PostgreSQL does not know the current role');
  const superuser = roles.some((role) => role.superuser);
  const owned = superuser
    ? []
    : await ownedBy(
        client,
        roles.map(({ oid }) => oid),
      );
  const fresh = superuser || owned.length > 0;
  const role = fresh ? readerOf(self.name, NAME_BYTES) : self.name;
  const own = fresh ? [] : roles;
  // Everybody counts as PUBLIC, whose object id is 0.
  const grantees = ['0', ...own.map(({ oid }) => oid)];
  const from = ['PUBLIC', ...own.map(({ name }) => escapeIdentifier(name))].join(', ');
  const others = await otherRoles(client, role);
  const findings: RoleFinding[] = [];
  const find = (says: string, sql: readonly string[], advice?: string): void =>
    void findings.push({ says, sql, ...(advice !== undefined && { advice }) });
  /** Takes a right from PUBLIC, and leaves it to those who may have used it until now. */
  const withdraw = (privileges: string, object: string): string[] => [
    ...(others === '' ? [] : [`GRANT ${privileges} ON ${object} TO ${others};`]),
    `REVOKE ${privileges} ON ${object} FROM ${from};`,
  ];

  if (fresh) {
    const what = superuser ? 'is a superuser’s' : `owns ${listed(owned)}`;
    find(
      `${what}: it can do everything there`,
      await newRole(client, role, needs),
      // In psql, which sends its hash: a password in a statement may end in the server’s log.
      String.raw`Give it a password, in psql with \password ${escapeIdentifier(role)}.`,
    );
  } else {
    const missing = await missingSettings(client);
    if (missing.length > 0) {
      find(`has no limits of its own (${missing.join(', ')})`, settings(role, needs));
    }
  }
  for (const { name, powers } of own.filter((each) => each.powers.length > 0)) {
    const off = powers.map((power) => `NO${power}`).join(' ');
    find(`has ${powers.join(', ')}`, [`ALTER ROLE ${escapeIdentifier(name)} ${off};`]);
  }
  const member = await memberships(client, grantees);
  if (member.length > 0) {
    const names = member.map((each) => each.split(' ')[0] as string);
    find(
      `is a member of ${listed(names)}`,
      member.map((each) => `REVOKE ${each};`),
    );
  }
  for (const { object, privileges } of await rightsToChange(client, grantees)) {
    find(`has ${privileges.join(', ')} on ${object}`, withdraw(privileges.join(', '), object));
  }
  for (const [says, condition] of [
    [
      'can call functions that act with their owner’s rights',
      `p.prosecdef AND n.nspname <> 'pg_catalog'`,
    ],
    ['can call functions that reach out of the database', REACHING],
    ['can call functions in a language without limits', `NOT l.lanpltrusted AND l.lanispl`],
    ['can call functions of PostgreSQL that do more than read', ACTING],
  ] as const) {
    const functions = await callable(client, grantees, condition);
    if (functions.length === 0) continue;
    find(`${says} (${listed(functions)})`, withdraw('EXECUTE', `ROUTINE ${functions.join(', ')}`));
  }
  return { ...(fresh && { newRole: role }), findings };
}

/** Everybody else who logs in, to leave them what is taken from PUBLIC. */
async function otherRoles(client: Client, role: string): Promise<string> {
  const names = await list(
    client,
    `SELECT quote_ident(rolname) AS text FROM pg_roles
     WHERE rolcanlogin AND NOT rolsuper AND rolname !~ '^pg_' AND rolname <> $1 ORDER BY 1`,
    [role],
  );
  return names.join(', ');
}

async function newRole(client: Client, role: string, needs: RoleNeeds): Promise<string[]> {
  const name = escapeIdentifier(role);
  const schemas = await list(
    client,
    `SELECT quote_ident(nspname) AS text FROM pg_namespace n
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
       AND ($1::text[] IS NULL OR nspname = ANY ($1)) ORDER BY 1`,
    [needs.tables?.map((table) => (table.includes('.') ? table.split('.')[0] : 'public')) ?? null],
  );
  const [database = ''] = await list(client, 'SELECT quote_ident(current_database()) AS text', []);
  const granted = needs.tables
    ? needs.tables.map((table) => {
        const [schema = '', ...rest] = table.includes('.') ? table.split('.') : ['public', table];
        const full = `${escapeIdentifier(schema)}.${escapeIdentifier(rest.join('.'))}`;
        return `GRANT SELECT ON TABLE ${full} TO ${name};`;
      })
    : schemas.map((schema) => `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${name};`);
  // What they show lies outside of the database, maybe in the server’s files.
  const foreign = await list(
    client,
    `SELECT ft.ftrelid::regclass::text AS text FROM pg_foreign_table ft ORDER BY 1`,
    [],
  );
  return [
    `CREATE ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;`,
    `GRANT CONNECT ON DATABASE ${database} TO ${name};`,
    ...schemas.map((schema) => `GRANT USAGE ON SCHEMA ${schema} TO ${name};`),
    ...granted,
    ...foreign.map((table) => `REVOKE ALL ON TABLE ${table} FROM ${name};`),
    ...settings(role, needs),
  ];
}

/** A role’s own limits: they hold whatever a session forgets to set. */
function settings(role: string, { timeoutSeconds }: RoleNeeds): string[] {
  return [
    ['default_transaction_read_only', 'on'],
    ['statement_timeout', `${timeoutSeconds}s`],
    ['lock_timeout', `${Math.min(30, timeoutSeconds)}s`],
    ['idle_in_transaction_session_timeout', `${timeoutSeconds + 60}s`],
    ['temp_file_limit', '10GB'],
  ].map(([setting, value]) => `ALTER ROLE ${escapeIdentifier(role)} SET ${setting} = '${value}';`);
}

function missingSettings(client: Client): Promise<string[]> {
  return list(
    client,
    `SELECT name AS text FROM pg_settings WHERE (name, reset_val) IN (('statement_timeout', '0'),
       ('default_transaction_read_only', 'off'), ('temp_file_limit', '-1')) ORDER BY 1`,
    [],
  );
}
