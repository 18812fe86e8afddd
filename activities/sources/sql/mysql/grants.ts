/** A line of SHOW GRANTS. */
export interface Grant {
  readonly privileges: readonly string[];
  /** The object as GRANT and REVOKE write it, like `db`.*; undefined for a role. */
  readonly on: string | undefined;
  readonly grantOption: boolean;
}

/** Reads a line of SHOW GRANTS; undefined for one that grants nothing. Hashes of passwords are passed over. */
export function readGrant(line: string): Grant | undefined {
  const grantOption = / WITH (?:.* )?(?:GRANT|ADMIN) OPTION/.test(line);
  const onObject =
    /^GRANT (.+?) ON ((?:(?:TABLE|FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) )?\S*(?:`(?:[^`]|``)*`|\*|'%?')\S*) TO /.exec(
      line,
    );
  if (onObject) {
    return { privileges: splitPrivileges(onObject[1] as string), on: onObject[2], grantOption };
  }
  const role = /^GRANT (.+) TO /.exec(line);
  return role
    ? { privileges: splitPrivileges(role[1] as string), on: undefined, grantOption }
    : undefined;
}

/** Splits at commas that stand outside of parentheses: SELECT (a, b), INSERT. */
function splitPrivileges(text: string): string[] {
  return text.split(/,\s*(?![^(]*\))/);
}

/** What a grant allows beyond reading tables with data. */
export function beyondReading({ privileges, on, grantOption }: Grant): string[] {
  const system = on === undefined || /^(?:\*\.|`?(?:mysql|sys|performance_schema)`?\.)/i.test(on);
  const more = privileges.filter((privilege) => {
    if (/^(?:USAGE|SHOW VIEW)$/i.test(privilege)) return false;
    return system || !/^SELECT(?: \(.*\))?$/i.test(privilege);
  });
  return grantOption ? [...more, 'GRANT OPTION'] : more;
}

/** The account’s own limit for a statement in a line of SHOW GRANTS, in seconds (MariaDB). */
export function statementSeconds(lines: readonly string[]): number {
  const found = lines.flatMap((line) => / MAX_STATEMENT_TIME ([0-9.]+)/.exec(line)?.[1] ?? []);
  return Number(found[0] ?? 0);
}
