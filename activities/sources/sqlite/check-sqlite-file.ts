import { access, constants, stat } from 'node:fs/promises';

import type { RoleFinding } from '../sql/role-report.ts';

/**
 * Whether this process could write a SQLite file. Queries run on a private copy, so that it would take
 * more than a query to do it.
 * @throws errors of the file system when there is no such file
 */
export async function checkSqliteFile(path: string): Promise<RoleFinding[]> {
  const { mode } = await stat(path);
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  // To root everything is writable: then the file’s own mode tells what is meant.
  if (!writable || (process.getuid?.() === 0 && (mode & 0o222) === 0)) return [];
  return [
    {
      says: 'reads a file that the worker could also write',
      sql: [],
      advice: `chmod a-w '${path.replaceAll("'", String.raw`'\''`)}'`,
    },
  ];
}
