import { DuckDBDoubleVector, type DuckDBDataChunk } from '@duckdb/node-api';

import type { LabelType, LabelValue, Selection } from '../../../schemas/dataset.ts';
import type { RawLabels } from '../class-labels.ts';
import type { DatasetWriter } from '../dataset-writer.ts';
import { createValueLabels } from '../value-labels.ts';

/** Texts are handed on by then: one that a page holds once may stand in every row. */
const BLOCK_TEXT_BYTES = 16 << 20;

/** Which rows of a chunk go where in the writer's block. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Moves chunks of DuckDB vectors into the writer's blocks. */
export interface ChunkReader {
  /** The query whose chunks read() takes: the features, then the label. */
  select(features: readonly string[], target: string, table: string): string;
  /** Returns the number of rows read: fewer than `range.count` when their texts fill the block. */
  read(chunk: DuckDBDataChunk, writer: DatasetWriter, range: RowRange): number;
  /** The labels seen so far, by code. */
  readonly labels: () => RawLabels;
}

/** @param width number of features */
export function createChunkReader({
  task,
  width,
  labelType,
}: {
  readonly task: Selection['task'];
  readonly width: number;
  readonly labelType: LabelType;
}): ChunkReader {
  const numericLabels = labelType !== 'string';
  const codes = createValueLabels(labelType);
  const encoder = new TextEncoder();
  let blockBytes = 0;

  function readNumbers(chunk: DuckDBDataChunk, writer: DatasetWriter, range: RowRange): void {
    const { x } = writer.block();
    for (let feature = 0; feature < width; feature++) {
      const vector = doubles(chunk, feature);
      let at = range.to * width + feature;
      for (let i = 0; i < range.count; i++) {
        const value = vector.getItem(range.from + i);
        if (value === null) writer.findings.add('missing', feature, writer.rows() + range.to + i);
        // Not zero for an infinity or NaN.
        else if (value - value !== 0) {
          writer.findings.add('outOfRange', feature, writer.rows() + range.to + i);
        } else x[at] = value;
        at += width;
      }
    }
  }

  function readTexts(chunk: DuckDBDataChunk, writer: DatasetWriter, range: RowRange): number {
    const vector = chunk.getColumnVector(0);
    if (range.to === 0) blockBytes = 0;
    let count = 0;
    do {
      const text = vector.getItem(range.from + count);
      if (text === null) writer.findings.add('missing', 0, writer.rows() + range.to + count);
      const bytes = encoder.encode(text === null ? '' : (text as string));
      writer.appendText(bytes, 0, bytes.length);
      blockBytes += bytes.length;
      count++;
    } while (count < range.count && blockBytes < BLOCK_TEXT_BYTES);
    return count;
  }

  function readLabels(chunk: DuckDBDataChunk, writer: DatasetWriter, range: RowRange): void {
    const block = writer.block();
    const vector = chunk.getColumnVector(width);
    for (let i = 0; i < range.count; i++) {
      const label = vector.getItem(range.from + i) as LabelValue | null;
      if (label === null) writer.findings.add('missing', width, writer.rows() + range.to + i);
      block.codes[range.to + i] = label === null ? -1 : codes.codeOf(label);
    }
  }

  return {
    select(features, target, table) {
      const cast = task === 'text' ? 'VARCHAR' : 'DOUBLE';
      const selected = features.map((name) => `CAST(${quoted(name)} AS ${cast})`);
      const label = `CAST(${quoted(target)} AS ${numericLabels ? 'DOUBLE' : 'VARCHAR'})`;
      return `SELECT ${[...selected, label].join(', ')} FROM ${table}`;
    },
    read(chunk, writer, range) {
      const count = task === 'text' ? readTexts(chunk, writer, range) : range.count;
      if (task === 'tabular') readNumbers(chunk, writer, range);
      readLabels(chunk, writer, { ...range, count });
      return count;
    },
    labels() {
      const { values } = codes.raw();
      // Booleans are read as 0 and 1.
      return {
        values: labelType === 'bool' ? values.map((value) => value === 1) : values,
        type: labelType,
      };
    },
  };
}

function doubles(chunk: DuckDBDataChunk, column: number): DuckDBDoubleVector {
  const vector = chunk.getColumnVector(column);
  if (!(vector instanceof DuckDBDoubleVector)) throw new TypeError('a feature is a DOUBLE');
  return vector;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
