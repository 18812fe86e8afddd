import type { Connection } from 'mysql2';

import type { Column } from '../../../../schemas/dataset.ts';
import type { LoadResult } from '../../child/reader-job.ts';
import { selectColumns } from '../../columns.ts';
import { createDatasetWriter, loadResult } from '../../dataset-writer.ts';
import { createValueLabels } from '../../value-labels.ts';
import { allowedTables } from '../allowed-tables.ts';
import type { ServerRequest } from '../sql-request.ts';
import { createValueRows, type SqlValue, type ValueRows } from '../value-rows.ts';
import { checkMysqlQuery } from './check-mysql-query.ts';
import { checkMysqlTypes, mysqlColumns } from './mysql-columns.ts';
import { mysqlFailure } from './mysql-failures.ts';
import { inReadOnlyTransaction } from './mysql-session.ts';
import { prepareQuery, statementOf } from './prepare-query.ts';

/** The columns of a query, from the server's parser: it does not run. @throws Failure */
export function describeMysql(request: ServerRequest): Promise<Column[]> {
  return inSession(request, async (connection, sql) => {
    return mysqlColumns(await prepareQuery(connection, sql)).map(({ name, type }) => ({
      name,
      type,
    }));
  });
}

/** Runs a query and writes its rows as a dataset, as they stream in. @throws Failure */
export function loadMysql(request: ServerRequest, path: string): Promise<LoadResult> {
  const { selection, context } = request;
  return inSession(request, async (connection, sql) => {
    const columns = mysqlColumns(await prepareQuery(connection, sql));
    const selected = selectColumns(columns, selection, context.limits.maxColumns);
    const labelType = checkMysqlTypes(columns, selected, selection.task);
    const features = selected.features.map((position) => columns[position]?.name as string);
    const labels = createValueLabels(labelType);
    const shape = {
      task: selection.task,
      features,
      target: selection.target,
      limits: context.limits,
    };
    const writer = await createDatasetWriter(path, { ...shape, labels: labels.raw });
    const rows = createValueRows({
      task: selection.task,
      ...selected,
      // Decimals come as text, and so do integers beyond 2^53.
      numbersAsText: columns.map(({ kind }) => kind === 'decimal' || kind === 'integer'),
      writer,
      labels,
    });
    try {
      await readRows(connection, sql, {
        rows,
        onCommit: () => context.onProgress({ rows: writer.rows() }),
      });
      return loadResult(shape, await writer.finish());
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
}

interface RowLoop {
  readonly rows: ValueRows;
  readonly onCommit: () => void;
}

/** Runs the prepared query; the connection rests while a full block is written. */
function readRows(connection: Connection, sql: string, { rows, onCommit }: RowLoop): Promise<void> {
  return new Promise((resolve, reject) => {
    let committing = Promise.resolve();
    const command = connection.execute(statementOf(sql));
    let refused = false;
    command.on('result', (row) => {
      if (refused) return;
      try {
        rows.put(row as unknown as SqlValue[]);
      } catch (error) {
        refused = true;
        return reject(error instanceof Error ? error : new Error('', { cause: error }));
      }
      if (!rows.full()) return;
      connection.pause();
      committing = rows.commit().then(() => {
        onCommit();
        connection.resume();
      });
      committing.catch(reject);
    });
    command.on('error', reject);
    // A command without a callback hears nothing when its connection breaks.
    connection.on('error', reject);
    command.on('end', () => {
      committing
        .then(() => rows.commit())
        .then(() => {
          onCommit();
          resolve();
        }, reject);
    });
  });
}

async function inSession<T>(
  { connection, address, query, context }: ServerRequest,
  use: (connection: Connection, sql: string) => Promise<T>,
): Promise<T> {
  const { tables, database } = connection;
  const sql = checkMysqlQuery(query, tables && allowedTables(tables, database));
  const timeoutSeconds = context.limits.queryTimeoutSeconds;
  try {
    return await inReadOnlyTransaction(
      { connection, address, signal: context.signal, timeoutSeconds },
      (session) => use(session, sql),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    throw mysqlFailure(error, sql, timeoutSeconds);
  }
}
