import type { Column, Selection } from '../../../schemas/dataset.ts';
import type { FileLoad, LoadResult } from '../child/reader-job.ts';
import { selectColumns } from '../columns.ts';
import { createDatasetWriter, loadResult } from '../dataset-writer.ts';
import { inferLabels } from '../label-texts.ts';
import { createCellRemarks } from './cell-remarks.ts';
import { HEADER_BYTES, readCsvHeader, type CsvHeader } from './csv-header.ts';
import { LABEL, NUMBER, SKIPPED, TEXT, type CsvLayout } from './csv-rows.ts';
import { openGrowingFile, type GrowingFile } from './growing-file.ts';
import { createLabelCodes } from './label-codes.ts';
import { readSections } from './read-sections.ts';
import { createRowAppender } from './row-appender.ts';
import { startSectionThreads } from './section-threads.ts';

const SECTION_BYTES = 2 << 20;
/** A smaller file is read before another thread is up. */
const FILE_BYTES_WORTH_HELP = 8 << 20;
/** More would wait for the one that copies the file. */
const MOST_HELPERS = 3;

export interface CsvOptions {
  /** Threads that may be busy at once, this one among them. */
  readonly threads?: number;
  readonly sectionBytes?: number;
  /** Starts other threads. */
  readonly startHelpers?: typeof startSectionThreads;
}

/**
 * Reads a CSV file into a dataset, with what pandas.read_csv makes of each cell: its missing markers,
 * numbers, True and False. Unlike it, a row that is too short is an error. The dataset, or the
 * failure, is the same for any number of threads.
 * @throws Failure
 */
export async function loadCsv(
  { path, bytes, selection, limits, output }: FileLoad,
  onRows: (rows: number) => void,
  {
    threads = 1,
    sectionBytes = SECTION_BYTES,
    startHelpers = startSectionThreads,
  }: CsvOptions = {},
): Promise<LoadResult> {
  const file = await openGrowingFile(path, bytes);
  try {
    const header = await headerOf(file);
    const columns = header.names.map((name): Column => ({ name, type: 'undeclared' }));
    const { features, target } = selectColumns(columns, selection, limits.maxColumns);
    const names = features.map((position) => header.names[position] as string);
    const labels = createLabelCodes();
    const shape = { task: selection.task, features: names, target: selection.target, limits };
    const writer = await createDatasetWriter(output, {
      ...shape,
      labels: () => inferLabels(labels.texts()),
    });
    try {
      const layout = layoutOf(header.names.length, features, target, selection.task);
      const remarks = createCellRemarks(writer.findings);
      const sink = { ...writer, labels, remarks, filled: 0, line: header.dataLine };
      const rows = createRowAppender(layout, sink, { writer, onRows });
      const helpful = selection.task === 'tabular' && file.size >= FILE_BYTES_WORTH_HELP;
      const helpers = startHelpers(layout, helpful ? Math.min(MOST_HELPERS, threads - 1) : 0);
      try {
        await readSections(file, header.dataStart, { layout, rows, helpers, sectionBytes });
      } finally {
        helpers.close();
      }
      await rows.finish();
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
): CsvLayout {
  const roles = new Uint8Array(columns).fill(SKIPPED);
  const features = new Int32Array(columns);
  selected.forEach((position, feature) => {
    roles[position] = task === 'text' ? TEXT : NUMBER;
    features[position] = feature;
  });
  roles[target] = LABEL;
  return { roles, features, width: selected.length };
}
