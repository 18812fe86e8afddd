import { escape, escapeId, type Connection } from 'mysql2';

import {
  listed,
  readerOf,
  type RoleFinding,
  type RoleNeeds,
  type RoleReport,
} from '../role-report.ts';
import { beyondReading, readGrant, statementSeconds, type Grant } from './grants.ts';

const NAME_CHARACTERS = 32;

/**
 * What the account of a session could do beyond reading, by its grants, with the statements that leave
 * one that only reads. What rules more than one database can’t be narrowed: for it the statements make
 * a new account, locked until it has a password.
 */
export async function checkMysqlRole(
  connection: Connection,
  needs: RoleNeeds & { readonly database: string },
): Promise<RoleReport> {
  const ask = async (sql: string): Promise<string[]> => {
    const [rows] = await connection.promise().query({ sql, rowsAsArray: true });
    return (rows as unknown[][]).map(([value]) => String(value));
  };
  const [current = ''] = await ask('SELECT CURRENT_USER()');
  const [version = ''] = await ask('SELECT VERSION()');
  const mariadb = /mariadb/i.test(version);
  const at = current.lastIndexOf('@');
  const [user, host] = [current.slice(0, at), current.slice(at + 1)];
  const lines = await ask('SHOW GRANTS FOR CURRENT_USER()');
  const grants = lines.flatMap((line) => readGrant(line) ?? []);
  // MariaDB’s PUBLIC is everybody; before version 10.11 there is none, nor in MySQL.
  const everybody = mariadb ? await ask('SHOW GRANTS FOR PUBLIC').catch(() => []) : [];
  const findings: RoleFinding[] = [];

  const ruling = grants.filter((grant) => rules(grant));
  const name = ruling.length > 0 ? readerOf(user, NAME_CHARACTERS) : user;
  const role = `${escape(name)}@${escape(host)}`;
  if (ruling.length > 0) {
    findings.push({
      says: `has ${listed(ruling.flatMap((grant) => beyondReading(grant)))} on ${listed(ruling.map(({ on }) => on ?? 'roles'))}`,
      sql: newAccount(role, needs, mariadb),
      advice: `Give it a password with ALTER USER ${role} IDENTIFIED BY '…' ACCOUNT UNLOCK. Set secure_file_priv in the server’s configuration, too.`,
    });
  } else {
    findings.push(...grants.flatMap((grant) => excess(grant, role)));
    if (mariadb && statementSeconds(lines) === 0) {
      findings.push({
        says: 'has no limit of its own for the time of a statement',
        sql: [`ALTER USER ${role} WITH MAX_STATEMENT_TIME ${needs.timeoutSeconds};`],
      });
    }
  }
  const ofAll = everybody.flatMap((line) => readGrant(line) ?? []);
  findings.push(...ofAll.flatMap((grant) => excess(grant, 'PUBLIC')));
  return { ...(ruling.length > 0 && { newRole: name }), findings };
}

/** True for a grant that can’t be taken back without taking the account apart. */
function rules(grant: Grant): boolean {
  const more = beyondReading(grant);
  const everything = more.some((privilege) => /^ALL PRIVILEGES$|^PROXY$/i.test(privilege));
  return everything || (more.length > 0 && /^(?:\*\.\*|`?mysql`?\.)/.test(grant.on ?? ''));
}

function excess(grant: Grant, role: string): RoleFinding[] {
  const more = beyondReading(grant);
  if (more.length === 0) return [];
  const { on } = grant;
  if (on === undefined) {
    return [
      {
        says: `has the role ${listed(grant.privileges)}`,
        sql: grant.privileges.map((granted) => `REVOKE ${granted} FROM ${role};`),
      },
    ];
  }
  return [
    {
      says: `has ${more.join(', ')} on ${on}`,
      sql: [`REVOKE ${more.join(', ')} ON ${on} FROM ${role};`],
    },
  ];
}

function newAccount(
  role: string,
  { database, tables, timeoutSeconds }: RoleNeeds & { readonly database: string },
  mariadb: boolean,
): string[] {
  const limit = mariadb ? ` WITH MAX_STATEMENT_TIME ${timeoutSeconds}` : '';
  const objects = tables?.map((table) => {
    const dot = table.indexOf('.');
    const [schema, name] =
      dot === -1 ? [database, table] : [table.slice(0, dot), table.slice(dot + 1)];
    return `${escapeId(schema, true)}.${escapeId(name, true)}`;
  }) ?? [`${escapeId(database, true).replace(/([_%])/g, '\\$1')}.*`];
  return [
    `CREATE USER ${role}${limit} ACCOUNT LOCK;`,
    ...objects.map((object) => `GRANT SELECT ON ${object} TO ${role};`),
  ];
}
