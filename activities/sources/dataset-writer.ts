import { rm } from 'node:fs/promises';

import { createArrayFile } from '../../platform/storage/array-file.ts';
import type { DatasetMeta, LabelValue } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { checkClasses, orderLabels, type ClassLabels, type RawLabels } from './class-labels.ts';
import { exceededLimit } from './dataset-limits.ts';
import type { SourceRefused } from './source-refused.ts';
import type { LoadedDataset, SourceLimits } from './source-types.ts';
import { refusedData } from './survey.ts';
import { createTextChunks } from './text-chunks.ts';
import { createValueFindings, type ValueFindings } from './value-findings.ts';

/** Doubles in a block of rows: 4 MiB. */
const BLOCK_VALUES = 1 << 19;
/** Texts that are kept until they are written, however few rows they are. */
const WAITING_BYTES = 4 << 20;
/** Classes that a DatasetRef lists; the blob has all. */
const LISTED_CLASSES = 100;
const LABEL_CHARACTERS = 100;

/** Room for the next rows. */
export interface RowBlock {
  /** Rows it holds. */
  readonly capacity: number;
  /** Row-major [capacity x features]; empty for a text task. */
  readonly x: Float64Array;
  /** [capacity] label codes by first appearance, as the source numbers them; -1 where one is missing. */
  readonly codes: Int32Array;
}

/** Writes a dataset row by row: sources fill a block and commit it, never an object per cell. */
export interface DatasetWriter {
  readonly findings: ValueFindings;
  /** The block to fill now; another one after each commit. */
  block(): RowBlock;
  /** True when `rows` rows have to be committed before more come: the block is full, or their texts are long. */
  full(rows: number): boolean;
  /** The text of the next row, as UTF-8 (text task). */
  appendText(bytes: Uint8Array, start: number, end: number): void;
  /**
   * The block's first `rows` rows are complete.
   * @throws SourceRefused ROW_LIMIT, BYTE_LIMIT, TIME_LIMIT, or early for far too many labels
   */
  commit(rows: number): Promise<void>;
  /** Rows committed so far. */
  rows(): number;
  /**
   * Writes the labels and closes the file.
   * @throws Failure NO_ROWS, or SourceRefused for the findings or the labels
   */
  finish(): Promise<WrittenDataset>;
  /** Closes and removes the file. */
  abandon(): Promise<void>;
}

export type WrittenDataset = Pick<LoadedDataset, 'rows' | 'classCount' | 'classes' | 'labelType'>;

export interface DatasetShape {
  readonly task: 'tabular' | 'text';
  readonly features: readonly string[];
  readonly target: string;
  readonly limits: SourceLimits;
  /** The source's labels by code, as far as it has numbered them. */
  readonly labels: () => RawLabels;
}

/** What a dataset is, from its shape and what the writer counted; columns are those that were selected. */
export function loadResult(
  { task, features, target }: Pick<DatasetShape, 'task' | 'features' | 'target'>,
  written: WrittenDataset,
): Omit<LoadedDataset, 'sourceSha256'> {
  const type = task === 'text' ? 'text' : 'number';
  const columns = features.map((name) => ({ name, type }));
  return {
    task,
    target,
    columns: [...columns, { name: target, type: written.labelType }],
    ...written,
  };
}

/** A label as it may stand in Temporal's history, where everything is small; the blob has it whole. */
function shortLabel(label: LabelValue): LabelValue {
  return typeof label === 'string' && label.length > LABEL_CHARACTERS
    ? `${label.slice(0, LABEL_CHARACTERS)}…`
    : label;
}

/** Opens a writer for the dataset file `path`, which must not exist. */
export async function createDatasetWriter(
  path: string,
  { task, features, target, limits, labels }: DatasetShape,
): Promise<DatasetWriter> {
  const width = task === 'tabular' ? features.length : 0;
  const capacity = Math.min(65_536, Math.max(16, Math.floor(BLOCK_VALUES / Math.max(1, width))));
  const blocks = [0, 1].map((): RowBlock => {
    return { capacity, x: new Float64Array(capacity * width), codes: new Int32Array(capacity) };
  }) as [RowBlock, RowBlock];
  const findings = createValueFindings();
  const texts = createTextChunks();
  const codes: Int32Array[] = [];
  const counts: number[] = [];
  const file = await createArrayFile(path);
  file.begin(task === 'tabular' ? 'x' : 'text', task === 'tabular' ? 'float64' : 'uint8');
  let current = 0;
  let rows = 0;
  // Several spellings may be one class, so there may be more raw labels than classes.
  let manyLabels = Math.max(10_000, 10 * limits.maxClasses);
  let writing: Promise<void> = Promise.resolve();

  async function settled(): Promise<void> {
    await writing;
    writing = Promise.resolve();
  }

  async function write(block: RowBlock, count: number): Promise<void> {
    if (task === 'tabular') return file.append(block.x.subarray(0, count * width));
    for (const chunk of texts.take()) await file.append(chunk);
  }

  function orderedLabels(early: boolean): ClassLabels {
    try {
      const classes = orderLabels(labels(), counts, target);
      checkClasses(classes, { target, maxClasses: limits.maxClasses });
      return classes;
    } catch (error) {
      throw error instanceof Failure ? refusal(early ? error : undefined) : error;
    }
  }

  /** @param early why the reading ends before the source does */
  function refusal(early?: Failure): SourceRefused {
    const { maxClasses } = limits;
    const names = [...features, target];
    return refusedData({ rows, findings, names, raw: labels(), counts, maxClasses }, early);
  }

  function checkLimits(): void {
    const bytes = texts.bytes() + rows * width * 8;
    const exceeded = exceededLimit(limits, { rows, bytes });
    if (exceeded) throw refusal(exceeded);
  }

  return {
    findings,
    block: () => blocks[current] as RowBlock,
    full: (count) => count >= capacity || (count > 0 && texts.waiting() >= WAITING_BYTES),
    appendText: (bytes, start, end) => texts.append(bytes, start, end),
    async commit(count) {
      const block = blocks[current] as RowBlock;
      const added = block.codes.slice(0, count);
      for (const code of added) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
      codes.push(added);
      rows += count;
      checkLimits();
      if (counts.length > manyLabels) {
        orderedLabels(true);
        manyLabels *= 2;
      }
      await settled();
      // Once something is wrong the file will never be read.
      if (findings.any()) texts.take();
      else {
        writing = write(block, count);
        writing.catch(() => undefined);
      }
      current = 1 - current;
    },
    rows: () => rows,
    async finish() {
      await settled();
      if (rows === 0) {
        throw new Failure('NO_ROWS', 'The source has no rows.', 'Give a source with data.');
      }
      if (findings.any()) throw refusal();
      const classes = orderedLabels(false);
      if (task === 'text') {
        for (const chunk of texts.takeRest()) await file.append(chunk);
        file.begin('offsets', 'float64');
        for (const chunk of texts.offsets()) await file.append(chunk);
      }
      file.begin('y', 'int32');
      for (const chunk of codes) {
        await file.append(chunk.map((code) => classes.positions[code] as number));
      }
      const { labelType } = classes;
      const meta: DatasetMeta = { task, rows, features, target, labelType, labels: classes.labels };
      await file.finish(meta);
      return {
        rows,
        labelType,
        classCount: classes.labels.length,
        classes: classes.labels.slice(0, LISTED_CLASSES).map((label, index) => ({
          label: shortLabel(label),
          rows: classes.rows[index] as number,
        })),
      };
    },
    async abandon() {
      await writing.catch(() => undefined);
      await file.abandon();
      await rm(path, { force: true });
    },
  };
}
