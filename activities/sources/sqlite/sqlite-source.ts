import { join } from 'node:path';

import type { Column } from '../../../schemas/dataset.ts';
import type { LoadResult } from '../child/reader-job.ts';
import { readerRun, type FileDependencies } from '../files/file-source.ts';
import { queryTimeout } from '../sql/query-failures.ts';
import type { SqliteRequest } from '../sql/sql-request.ts';
import { copyDatabase } from './copy-database.ts';

/** The columns of a query on a SQLite file: it is compiled, but does not run. @throws Failure */
export async function describeSqlite(
  request: SqliteRequest,
  deps: FileDependencies,
): Promise<Column[]> {
  const { context, query, connection } = request;
  const path = await copied(request, deps);
  return deps.pool.run(
    {
      kind: 'sqlite-describe',
      folder: context.scratch,
      path,
      query,
      tables: connection.tables,
    },
    queryRun(request),
  );
}

/** Runs a query on a private copy of a SQLite file, in a reader process. @throws Failure */
export async function loadSqliteSource(
  request: SqliteRequest,
  output: string,
  deps: FileDependencies,
): Promise<LoadResult> {
  const { context, query, connection, selection } = request;
  const path = await copied(request, deps);
  const { tables } = connection;
  const load = { path, query, tables, selection, limits: context.limits, output };
  return deps.pool.run({ kind: 'sqlite-load', folder: context.scratch, load }, queryRun(request));
}

async function copied(
  { connection, context }: SqliteRequest,
  deps: FileDependencies,
): Promise<string> {
  const path = join(context.scratch, 'source.db');
  await copyDatabase(connection.path, path, { ...deps, context });
  return path;
}

function queryRun({ context }: SqliteRequest) {
  const { queryTimeoutSeconds } = context.limits;
  return { ...readerRun(context), onTimeout: () => queryTimeout(queryTimeoutSeconds) };
}
