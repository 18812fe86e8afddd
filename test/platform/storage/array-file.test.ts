import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  ArrayFileError,
  createArrayFile,
  openArrayFile,
} from '../../../platform/storage/array-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'array-file-'));
  path = join(folder, 'arrays');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeSample(): Promise<void> {
  const writer = await createArrayFile(path);
  writer.begin('bytes', 'uint8');
  await writer.append(Uint8Array.of(1, 2, 3));
  writer.begin('x', 'float64');
  await writer.append(Float64Array.of(1.5, -0));
  await writer.append(Float64Array.of(Number.MIN_VALUE));
  writer.begin('y', 'int32');
  await writer.append(new Int32Array([9, -1, 7, 9]).subarray(1, 3));
  await writer.finish({ rows: 3, label: 'é' });
}

describe('an array file', () => {
  it('gives back arrays written in chunks, and the meta data', async () => {
    await writeSample();
    const file = await openArrayFile<{ rows: number; label: string }>(path);
    expect(file.meta).toEqual({ rows: 3, label: 'é' });
    expect([...(await file.uint8('bytes'))]).toEqual([1, 2, 3]);
    expect([...(await file.float64('x'))]).toEqual([1.5, -0, Number.MIN_VALUE]);
    expect([...(await file.int32('y'))]).toEqual([-1, 7]);
    await file.close();
  });

  it.each([1, 2, 3, 1000])('gives back an array in pieces of %i', async (length) => {
    await writeSample();
    const file = await openArrayFile(path);
    const pieces: number[][] = [];
    for await (const piece of file.float64Pieces('x', length)) {
      pieces.push([...piece]);
      expect(piece.buffer.byteLength, 'memory is as small as the array').toBeLessThanOrEqual(24);
    }
    expect(pieces.flat()).toEqual([1.5, -0, Number.MIN_VALUE]);
    expect(pieces[0]).toHaveLength(Math.min(length, 3));
    await file.close();
  });

  it('refuses an array of another name or type', async () => {
    await writeSample();
    const file = await openArrayFile(path);
    await expect(file.float64('y')).rejects.toThrow(ArrayFileError);
    await expect(file.float64('z')).rejects.toThrow(ArrayFileError);
    await file.close();
  });

  it('refuses a file that was cut or is something else', async () => {
    await writeSample();
    await truncate(path, 40);
    await expect(openArrayFile(path)).rejects.toThrow(ArrayFileError);
    await writeFile(path, 'f1,f2\n1,2\n');
    await expect(openArrayFile(path)).rejects.toThrow(ArrayFileError);
  });

  it('never writes over a file that is there', async () => {
    await writeSample();
    await expect(createArrayFile(path)).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
