import type { Connection, FieldPacket } from 'mysql2';

import type { Column } from '../../../../schemas/dataset.ts';
import type { LoadResult } from '../../child/reader-job.ts';
import { selectColumns } from '../../columns.ts';
import { createDatasetWriter, loadResult } from '../../dataset-writer.ts';
import { createValueLabels } from '../../value-labels.ts';
import type { ServerRequest } from '../sql-request.ts';
import { createValueRows, type SqlValue, type ValueRows } from '../value-rows.ts';
import { checkMysqlQuery } from './check-mysql-query.ts';
import { checkMysqlTypes, mysqlColumns } from './mysql-columns.ts';
import { mysqlFailure } from './mysql-failures.ts';
import { inReadOnlyTransaction } from './mysql-session.ts';

/** The columns of a query, from the server's parser: it does not run. @throws Failure */
export function describeMysql(request: ServerRequest): Promise<Column[]> {
  return inSession(request, async (connection, sql) => {
    return mysqlColumns(await prepare(connection, sql)).map(({ name, type }) => ({ name, type }));
  });
}

/** Runs a query and writes its rows as a dataset, as they stream in. @throws Failure */
export function loadMysql(request: ServerRequest, path: string): Promise<LoadResult> {
  const { selection, context } = request;
  return inSession(request, async (connection, sql) => {
    const columns = mysqlColumns(await prepare(connection, sql));
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

/** The same options for both, so that the statement that was prepared is the one that runs. */
function statementOf(sql: string) {
  return { sql, rowsAsArray: true };
}

/** Has the server parse the query, one statement at most, and returns its columns. */
function prepare(connection: Connection, sql: string): Promise<FieldPacket[]> {
  return new Promise((resolve, reject) => {
    // The types of mysql2 know a text only, and hide the columns.
    const options = statementOf(sql) as unknown as string;
    connection.prepare(options, (error, statement) => {
      if (error) reject(error);
      else resolve((statement as unknown as { columns: FieldPacket[] }).columns);
    });
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
    command.on('result', (row) => {
      rows.put(row as unknown as SqlValue[]);
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
  const sql = checkMysqlQuery(query);
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
