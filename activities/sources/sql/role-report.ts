/** Something that the role of a connection could do beyond reading, and what takes it away. */
export interface RoleFinding {
  /** Completes “This connection …”. */
  readonly says: string;
  /** Statements that narrow it, to be run by an administrator of the database, in this order. */
  readonly sql: readonly string[];
  /** What no SQL statement can do. */
  readonly advice?: string;
}

/** What a connection’s role could do. */
export interface RoleReport {
  /** The role that the statements make, for the connection to use from then on. */
  readonly newRole?: string;
  readonly findings: readonly RoleFinding[];
}

/** What a role is needed for. */
export interface RoleNeeds {
  /** The only tables that queries may name; all that there are when undefined. */
  readonly tables: readonly string[] | undefined;
  readonly timeoutSeconds: number;
}

/** A name for a role that only reads. */
export function readerOf(role: string, longest: number): string {
  return `${role.slice(0, longest - '_reader'.length)}_reader`;
}

/** Several things in one line, the first of them by name. */
export function listed(things: readonly string[], most = 5): string {
  const shown = things.slice(0, most).join(', ');
  return things.length > most ? `${shown} and ${things.length - most} more` : shown;
}
