import { selectColumns } from '../columns.ts';
import type { LoadResult, QueryLoad } from '../child/reader-job.ts';
import { createDatasetWriter, loadResult, type DatasetWriter } from '../dataset-writer.ts';
import { createValueRows, type SqlValue } from '../sql/value-rows.ts';
import { createValueLabels } from '../value-labels.ts';
import { openSqliteQuery, sqliteColumns, sqliteFailure } from './sqlite-query.ts';

/**
 * Runs one SELECT on a private copy of a SQLite file and writes its rows as a dataset.
 * @throws Failure
 */
export async function loadSqlite(
  load: QueryLoad,
  onRows: (rows: number) => void,
): Promise<LoadResult> {
  try {
    return await run(load, onRows, false);
  } catch (error) {
    // An integer beyond 2^53 came: then all integers are read as BigInt, which is slower.
    if ((error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_RANGE')
      return run(load, onRows, true);
    throw error;
  }
}

async function run(
  { path, query, tables, selection, limits, output }: QueryLoad,
  onRows: (rows: number) => void,
  bigIntegers: boolean,
): Promise<LoadResult> {
  const { statement, close } = openSqliteQuery(path, query, tables);
  let writer: DatasetWriter | undefined;
  try {
    const columns = sqliteColumns(statement);
    const selected = selectColumns(columns, selection, limits.maxColumns);
    const features = selected.features.map((position) => columns[position]?.name as string);
    const labels = createValueLabels();
    const shape = { task: selection.task, features, target: selection.target, limits };
    writer = await createDatasetWriter(output, { ...shape, labels: labels.raw });
    const rows = createValueRows({ task: selection.task, ...selected, writer, labels });
    statement.setReturnArrays(true);
    statement.setReadBigInts(bigIntegers);
    for (const row of steps(statement.iterate(), query)) {
      rows.put(row as unknown as SqlValue[]);
      if (!rows.full()) continue;
      await rows.commit();
      onRows(writer.rows());
    }
    await rows.commit();
    onRows(writer.rows());
    return loadResult(shape, await writer.finish());
  } catch (error) {
    await writer?.abandon();
    throw error;
  } finally {
    close();
  }
}

/** The rows of a statement, with SQLite's errors in our words. */
function* steps<Row>(rows: Iterator<Row>, query: string): Generator<Row> {
  for (;;) {
    let step: IteratorResult<Row>;
    try {
      step = rows.next();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_RANGE') throw error;
      throw sqliteFailure(error, query);
    }
    if (step.done === true) return;
    yield step.value;
  }
}
