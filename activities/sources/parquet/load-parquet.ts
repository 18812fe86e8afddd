import type { DuckDBConnection } from '@duckdb/node-api';

import { Failure } from '../../../schemas/failure.ts';
import type { FileLoad, LoadResult } from '../child/reader-job.ts';
import { selectColumns } from '../columns.ts';
import { createDatasetWriter, loadResult } from '../dataset-writer.ts';
import type { SourceLimits } from '../source-types.ts';
import { createChunkReader } from './chunk-reader.ts';
import { parquetFailure } from './duckdb-session.ts';
import { checkParquetTypes, PARQUET_TABLE, parquetColumns } from './parquet-columns.ts';

/**
 * Reads the Parquet file of a confined DuckDB into a dataset, in the file's row order. Columns
 * arrive as vectors of doubles; DuckDB widens decimals, booleans and small numbers.
 * @throws Failure
 */
export async function loadParquet(
  connection: DuckDBConnection,
  { selection, limits, output }: FileLoad,
  onRows: (rows: number) => void,
): Promise<LoadResult> {
  const { task, target } = selection;
  const columns = await parquetColumns(connection);
  const selected = selectColumns(columns, selection, limits.maxColumns);
  const labelType = checkParquetTypes(columns, selected, task);
  const features = selected.features.map((position) => columns[position]?.name as string);
  await checkFooter(connection, task === 'text' ? 0 : features.length, limits);

  const reader = createChunkReader({ task, width: features.length, labelType });
  const shape = { task, features, target, limits };
  const writer = await createDatasetWriter(output, { ...shape, labels: reader.labels });
  try {
    let filled = 0;
    for await (const chunk of chunks(connection, reader.select(features, target, PARQUET_TABLE))) {
      for (let position = 0; position < chunk.rowCount;) {
        const { capacity } = writer.block();
        const room = Math.min(chunk.rowCount - position, capacity - filled);
        const count = reader.read(chunk, writer, { from: position, to: filled, count: room });
        position += count;
        filled += count;
        if (filled < capacity && count === room) continue;
        await writer.commit(filled);
        filled = 0;
        onRows(writer.rows());
      }
    }
    if (filled > 0) await writer.commit(filled);
    onRows(writer.rows());
    return loadResult(shape, await writer.finish());
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function* chunks(connection: DuckDBConnection, sql: string) {
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk;
    }
  } catch (error) {
    throw error instanceof Failure ? error : parquetFailure(error);
  }
}

/** Refuses by the footer what would not fit, before a page is read. */
async function checkFooter(
  connection: DuckDBConnection,
  features: number,
  limits: SourceLimits,
): Promise<void> {
  const footer = await connection
    .runAndReadAll(`SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata('source.parquet')`)
    .catch((error: unknown) => {
      throw parquetFailure(error);
    });
  const rows = Number(footer.getRows()[0]?.[0]);
  if (rows > limits.maxRows) {
    throw new Failure(
      'ROW_LIMIT',
      `The source has more than ${limits.maxRows} rows.`,
      'Select fewer rows, or raise max_rows in limits up to the server’s own limit.',
    );
  }
  if (rows * features * 8 > limits.maxBytes) {
    throw new Failure(
      'BYTE_LIMIT',
      `The loaded rows would take more than ${limits.maxBytes} bytes.`,
      'Select fewer columns, or raise max_bytes in limits up to the server’s own limit.',
    );
  }
}
