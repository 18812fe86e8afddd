import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readRows } from '../../../activities/compute/dataset-rows.ts';
import { createArrayFile } from '../../../platform/storage/array-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A dataset whose cell (row, column) is row + column / 1000. */
async function dataset(rows: number, columns: number): Promise<string> {
  const path = join(folder, `${rows}x${columns}`);
  const file = await createArrayFile(path);
  file.begin('x', 'float64');
  for (let row = 0; row < rows; row++) {
    await file.append(Float64Array.from({ length: columns }, (_, j) => row + j / 1000));
  }
  file.begin('y', 'int32');
  await file.append(Int32Array.from({ length: rows }, (_, row) => row % 3));
  const features = Array.from({ length: columns }, (_, j) => `f${j}`);
  await file.finish({ task: 'tabular', rows, features });
  return path;
}

describe('readRows', () => {
  it.each([
    [10, 2],
    // More than a piece, and not a whole number of them.
    [701, 1500],
    // A row is longer than a piece.
    [40, 600_000],
  ])('picks rows of %i x %i in the order asked for', async (rows, columns) => {
    const path = await dataset(rows, columns);
    const wanted = Int32Array.from({ length: Math.ceil(rows / 2) }, (_, i) => rows - 1 - 2 * i);
    const { input, codes } = await readRows(path, wanted);
    const { values } = input as { values: Float64Array };
    expect([...codes]).toEqual([...wanted].map((row) => row % 3));
    wanted.forEach((row, place) => {
      const found = values.subarray(place * columns, (place + 1) * columns);
      expect(found[0]).toBe(row);
      expect(found.every((value, j) => value === row + j / 1000)).toBe(true);
    });
  });
});
