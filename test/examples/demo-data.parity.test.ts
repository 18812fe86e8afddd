import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { writeDemoData } from '../../examples/demo-data.ts';

const NUMPY = `
import sys
import numpy as np
import pandas as pd
draw = np.random.RandomState(42)
x = draw.randn(400, 3)
label = (x[:, 0] * 0.8 + x[:, 1] * 0.3 - x[:, 2] * 0.2 + draw.randn(400) * 0.2 > 0).astype(int)
frame = pd.DataFrame(x, columns=["f1", "f2", "f3"]).assign(label=label)
frame.to_csv(sys.argv[1], index=False)
`;

let folder: string;
let ours: string[][];
let numpys: string[][];

const cells = async (name: string) =>
  (await readFile(join(folder, name), 'utf8')).split('\n').map((line) => line.split(','));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-data-'));
  await writeDemoData(folder);
  await promisify(execFile)(inject('python'), ['-c', NUMPY, join(folder, 'numpy.csv')]);
  ours = await cells('train.csv');
  numpys = await cells('numpy.csv');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Distance of two doubles of the same sign, in units in the last place. */
function ulps(a: number, b: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(a, b).buffer);
  const distance = (bits[0] ?? 0n) - (bits[1] ?? 0n);
  return distance < 0n ? -distance : distance;
}

describe('train.csv beside the one that numpy and pandas write', () => {
  it('has the same header, rows and labels', () => {
    expect(ours).toHaveLength(numpys.length);
    expect(ours[0]).toEqual(numpys[0]);
    expect(ours.map((row) => row[3])).toEqual(numpys.map((row) => row[3]));
  });

  it('has the same values to within one unit in the last place, nearly all of them the same text', () => {
    const pairs = ours
      .slice(1, -1)
      .flatMap((row, i) => row.slice(0, 3).map((cell, j) => [cell, numpys[i + 1]?.[j] ?? '']));
    expect(pairs).toHaveLength(1200);
    for (const [cell, numpy] of pairs) {
      expect(ulps(Number(cell), Number(numpy))).toBeLessThanOrEqual(1n);
    }
    expect(pairs.filter(([cell, numpy]) => cell === numpy).length).toBeGreaterThan(1190);
  });
});
