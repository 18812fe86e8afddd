import type { Client } from 'pg';

import type { Column } from '../../../../schemas/dataset.ts';
import type { LoadResult } from '../../child/reader-job.ts';
import { selectColumns, type SelectedColumns } from '../../columns.ts';
import { createDatasetWriter, loadResult } from '../../dataset-writer.ts';
import { createLabelTable } from '../../label-table.ts';
import { allowedTables } from '../allowed-tables.ts';
import type { ServerRequest } from '../sql-request.ts';
import { checkMeanings } from './check-meanings.ts';
import { checkPostgresQuery, type CheckedQuery } from './check-postgres-query.ts';
import { checkTableNames, checkTableSchemas } from './check-tables.ts';
import { createCopyRows } from './copy-rows.ts';
import {
  checkPostgresTypes,
  postgresColumns,
  readPostgresLabels,
  type PostgresColumn,
} from './postgres-columns.ts';
import { postgresFailure } from './postgres-failures.ts';
import { inReadOnlyTransaction } from './postgres-session.ts';
import { copyOut, describeStatement } from './protocol-queries.ts';

/** Characters of a text and of a label; what is longer is cut by the query and then refused. */
const LONGEST_TEXT = 16_000_000;
const LONGEST_LABEL = 1_000;
/** Where an allowed table lies that is named without a schema. */
const STANDARD_SCHEMA = 'public';

/** The columns of a query, from the server's parser: it does not run. @throws Failure */
export function describePostgres(request: ServerRequest): Promise<Column[]> {
  return inSession(request, async (client, checked) => {
    const columns = await postgresColumns(client, await describeStatement(client, checked.sql));
    return columns.map(({ name, type }) => ({ name, type }));
  });
}

/**
 * Runs a query and writes its rows as a dataset. The server casts the features to double precision and
 * sends rows in its binary format, so that no cell becomes an object here.
 * @throws Failure
 */
export function loadPostgres(request: ServerRequest, path: string): Promise<LoadResult> {
  const { selection, context } = request;
  return inSession(request, async (client, checked) => {
    const columns = await postgresColumns(client, await describeStatement(client, checked.sql));
    const selected = selectColumns(columns, selection, context.limits.maxColumns);
    checkPostgresTypes(columns, selected, selection.task);
    return copyRows(request, path, {
      client,
      sql: copySql(checked, columns, selected, selection.task),
      columns,
      selected,
    });
  });
}

interface CopyPlan {
  readonly client: Client;
  readonly sql: string;
  readonly columns: readonly PostgresColumn[];
  readonly selected: SelectedColumns;
}

async function copyRows(
  { selection, context }: ServerRequest,
  path: string,
  { client, sql, columns, selected }: CopyPlan,
): Promise<LoadResult> {
  const { task, target } = selection;
  const features = selected.features.map((position) => columns[position]?.name as string);
  const { kind } = columns[selected.target] as PostgresColumn;
  const labels = createLabelTable();
  const shape = { task, features, target, limits: context.limits };
  const writer = await createDatasetWriter(path, {
    ...shape,
    labels: () => readPostgresLabels(kind, labels.texts()),
  });
  const stopped = Promise.withResolvers<void>();
  const rows = createCopyRows(
    {
      task,
      width: features.length,
      longestText: LONGEST_TEXT,
      longestLabel: LONGEST_LABEL,
      writer,
      labels,
    },
    { onRows: (count) => context.onProgress({ rows: count }), fail: stopped.resolve },
  );
  try {
    // The first of: everything is here, the server failed, or a row could not be taken.
    await Promise.race([copyOut(client, sql, rows.take), stopped.promise]);
    await rows.finish();
    return loadResult(shape, await writer.finish());
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function copySql(
  checked: CheckedQuery,
  columns: readonly PostgresColumn[],
  { features, target }: SelectedColumns,
  task: 'tabular' | 'text',
): string {
  const name = (position: number): string => {
    const column = columns[position] as PostgresColumn;
    return `q."${column.name.replaceAll('"', '""')}"`;
  };
  const number = (position: number): string =>
    columns[position]?.kind === 'boolean'
      ? `CAST(CAST(${name(position)} AS int4) AS float8)`
      : `CAST(${name(position)} AS float8)`;
  const text = (position: number, longest: number): string =>
    `pg_catalog.left(CAST(${name(position)} AS text), ${longest})`;
  const cells = features.map((position) =>
    task === 'text' ? text(position, LONGEST_TEXT) : number(position),
  );
  cells.push(text(target, LONGEST_LABEL));
  // A line break ends a comment at the end of the query.
  return `COPY (SELECT ${cells.join(', ')} FROM (\n${checked.sql}\n) AS q) TO STDOUT (FORMAT binary)`;
}

async function inSession<T>(
  { connection, address, query, context }: ServerRequest,
  use: (client: Client, checked: CheckedQuery) => Promise<T>,
): Promise<T> {
  const checked = await checkPostgresQuery(query);
  const { tables } = connection;
  const allowed = tables && allowedTables(tables, STANDARD_SCHEMA);
  if (allowed) checkTableNames(checked.read, allowed);
  const timeoutSeconds = context.limits.queryTimeoutSeconds;
  try {
    return await inReadOnlyTransaction(
      { connection, address, signal: context.signal, timeoutSeconds },
      async (client) => {
        await checkMeanings(client, checked.used);
        if (allowed) await checkTableSchemas(client, checked.read, allowed);
        return use(client, checked);
      },
    );
  } catch (error) {
    context.signal.throwIfAborted();
    throw postgresFailure(error, { checked, timeoutSeconds });
  }
}
