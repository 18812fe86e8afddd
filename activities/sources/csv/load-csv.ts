import { isUtf8 } from 'node:buffer';

import type { Column, Selection } from '../../../schemas/dataset.ts';
import type { FileLoad, LoadResult } from '../child/reader-job.ts';
import { selectColumns } from '../columns.ts';
import { createDatasetWriter, loadResult, type DatasetWriter } from '../dataset-writer.ts';
import { createLabelTable } from '../label-table.ts';
import { inferLabels } from '../label-texts.ts';
import { badLine } from './csv-failure.ts';
import { HEADER_BYTES, readCsvHeader, type CsvHeader } from './csv-header.ts';
import { openGrowingFile, type GrowingFile } from './growing-file.ts';
import { createCsvRowReader, LABEL, NUMBER, SKIPPED, TEXT, type CsvRowReader } from './csv-rows.ts';

const CHUNK_BYTES = 2 << 20;
/** A longer row is no row: a quote was left open, or the file is no CSV. */
const ROW_BYTES = 64 << 20;

/**
 * Reads a CSV file into a dataset, with what pandas.read_csv makes of each cell: its missing markers,
 * numbers, True and False. Unlike it, a row that is too short is an error.
 * @throws Failure
 */
export async function loadCsv(
  { path, bytes, selection, limits, output }: FileLoad,
  onRows: (rows: number) => void,
): Promise<LoadResult> {
  const file = await openGrowingFile(path, bytes);
  try {
    const header = await headerOf(file);
    const columns = header.names.map((name): Column => ({ name, type: 'undeclared' }));
    const { features, target } = selectColumns(columns, selection, limits.maxColumns);
    const names = features.map((position) => header.names[position] as string);
    const labels = createLabelTable();
    const shape = { task: selection.task, features: names, target: selection.target, limits };
    const writer = await createDatasetWriter(output, {
      ...shape,
      labels: () => inferLabels(labels.texts()),
    });
    try {
      const layout = layoutOf(header.names.length, features, target, selection.task);
      const rows = createCsvRowReader(layout, { writer, labels, firstLine: header.dataLine });
      await readRows(file, header, { rows, writer, onRows });
      rows.finish();
      return loadResult(shape, await writer.finish());
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function headerOf(file: GrowingFile): Promise<CsvHeader> {
  const head = Buffer.alloc(Math.min(file.size, HEADER_BYTES));
  let have = 0;
  while (have < head.length) have += await file.read(head, have, head.length - have, have);
  return readCsvHeader(head, file.size <= HEADER_BYTES);
}

function layoutOf(
  columns: number,
  selected: readonly number[],
  target: number,
  task: Selection['task'],
) {
  const roles = new Uint8Array(columns).fill(SKIPPED);
  const features = new Int32Array(columns);
  selected.forEach((position, feature) => {
    roles[position] = task === 'text' ? TEXT : NUMBER;
    features[position] = feature;
  });
  roles[target] = LABEL;
  return { roles, features, width: selected.length };
}

interface RowLoop {
  readonly rows: CsvRowReader;
  readonly writer: DatasetWriter;
  readonly onRows: (rows: number) => void;
}

async function readRows(file: GrowingFile, header: CsvHeader, loop: RowLoop): Promise<void> {
  const { rows, writer, onRows } = loop;
  let buffer = new Uint8Array(2 * CHUNK_BYTES);
  let position = header.dataStart;
  let have = 0;
  for (let ended = false; !ended;) {
    // One byte stays free for a final line break, one for the 0 that stops the number scanner.
    if (buffer.length - have < CHUNK_BYTES + 2) buffer = enlarged(buffer, have, rows.line());
    const bytesRead = await file.read(buffer, have, CHUNK_BYTES, position);
    position += bytesRead;
    have += bytesRead;
    ended = bytesRead === 0;
    if (ended && have > 0 && buffer[have - 1] !== 10) buffer[have++] = 10;
    buffer[have] = 0;

    let used = 0;
    for (;;) {
      const line = rows.line();
      const next = rows.read(buffer, used, have);
      if (!isUtf8(buffer.subarray(used, next))) throw notUtf8(buffer.subarray(used, next), line);
      used = next;
      if (rows.filled() < writer.block().capacity) break;
      await writer.commit(rows.filled());
      rows.nextBlock();
      onRows(writer.rows());
    }
    buffer.copyWithin(0, used, have);
    have -= used;
  }
  if (have > 0) throw badLine(rows.line(), 'opens a quote that is never closed');
  if (rows.filled() > 0) await writer.commit(rows.filled());
  rows.nextBlock();
  onRows(writer.rows());
}

function enlarged(buffer: Uint8Array<ArrayBuffer>, have: number, line: number) {
  if (buffer.length > ROW_BYTES) {
    throw badLine(
      line,
      `is longer than ${ROW_BYTES >> 20} MiB, or opens a quote that is never closed`,
    );
  }
  const larger = new Uint8Array(2 * buffer.length);
  larger.set(buffer.subarray(0, have));
  return larger;
}

/** The failure for rows that are not UTF-8, with the line where that begins. */
function notUtf8(bytes: Uint8Array, firstLine: number): Error {
  let line = firstLine;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(at, end))) break;
    line++;
    at = end;
  }
  return badLine(line, 'is not UTF-8 text');
}
