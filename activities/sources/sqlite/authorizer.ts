import { constants, type DatabaseSync } from 'node:sqlite';

import type { Failure } from '../../../schemas/failure.ts';
import {
  refusedFunction,
  refusedQuery,
  refusedTable,
  unlistedTable,
} from '../sql/query-failures.ts';
import { SQLITE_FUNCTIONS, SQLITE_TABLE_FUNCTIONS } from './allowed-functions.ts';
import { smallLetters, type ReadableTables } from './readable-tables.ts';

/** Lets a database compile SELECTs over its own tables and views, and nothing else. */
export interface QueryGuard {
  /** Why the last statement was refused, if it was. */
  refusal(): Failure | undefined;
}

/**
 * Installs SQLite's own authorizer with a default of “no”: what is not named here is refused while
 * the statement compiles, whatever its text looks like.
 */
export function guardQueries(database: DatabaseSync, { all, hidden }: ReadableTables): QueryGuard {
  const tables = new Set([...SQLITE_TABLE_FUNCTIONS, ...all]);
  const modules = new Set(
    database
      .prepare('SELECT lower(name) AS name FROM pragma_module_list')
      .all()
      .map(({ name }) => String(name)),
  );
  let refused: Failure | undefined;
  const deny = (failure: Failure): number => {
    refused ??= failure;
    return constants.SQLITE_DENY;
  };

  /** Tables and views of the file; and what is named in the query itself, of which no column is real. */
  const mayRead = (table: string, column: string | null): boolean =>
    tables.has(table) ||
    (column === '' &&
      !modules.has(table) &&
      !hidden.has(table) &&
      !/^(?:sqlite|pragma)_/.test(table));

  database.setAuthorizer((action, first, second) => {
    switch (action) {
      case constants.SQLITE_SELECT:
      case constants.SQLITE_RECURSIVE:
        return constants.SQLITE_OK;
      case constants.SQLITE_READ:
        if (mayRead(smallLetters(first ?? ''), second)) return constants.SQLITE_OK;
        return deny(
          hidden.has(smallLetters(first ?? ''))
            ? unlistedTable(first ?? '')
            : refusedTable(first ?? ''),
        );
      case constants.SQLITE_FUNCTION:
        if (SQLITE_FUNCTIONS.has((second ?? '').toLowerCase())) return constants.SQLITE_OK;
        return deny(refusedFunction(second ?? ''));
      default:
        return deny(refusedQuery('does more than read'));
    }
  });
  return { refusal: () => refused };
}
