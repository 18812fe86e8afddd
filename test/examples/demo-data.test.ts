import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floatText, trainingRows, writeDemoData } from '../../examples/demo-data.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-data-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeDemoData', () => {
  it('writes the three files, with the rows they promise', async () => {
    const written = await writeDemoData(join(folder, 'data'));

    expect(written).toEqual(['train.csv', 'text_data.csv', 'demo.sqlite']);
    expect((await readdir(join(folder, 'data'))).sort()).toEqual([...written].sort());
    const train = (await readFile(join(folder, 'data', 'train.csv'), 'utf8')).split('\n');
    expect(train).toHaveLength(402);
    expect(train.slice(0, 2)).toEqual([
      'f1,f2,f3,label',
      '0.4967141530112327,-0.13826430117118466,0.6476885381006925,1',
    ]);
    const text = (await readFile(join(folder, 'data', 'text_data.csv'), 'utf8')).split('\n');
    expect(text).toHaveLength(10);
    expect(text[1]).toBe('storm incoming near bay,1');
    const database = new DatabaseSync(join(folder, 'data', 'demo.sqlite'), { readOnly: true });
    const rows = database.prepare('select f1, f2, f3, y from training_table').all();
    database.close();
    expect(rows.map((row) => Object.values(row))).toEqual(trainingRows());
  });

  it('gives the same bytes each time', async () => {
    await writeDemoData(join(folder, 'a'));
    await writeDemoData(join(folder, 'b'));

    for (const name of ['train.csv', 'text_data.csv', 'demo.sqlite']) {
      expect(await readFile(join(folder, 'a', name))).toEqual(
        await readFile(join(folder, 'b', name)),
      );
    }
  });

  it('leaves alone what is there already', async () => {
    await writeFile(join(folder, 'train.csv'), 'mine');

    expect(await writeDemoData(folder)).toEqual(['text_data.csv', 'demo.sqlite']);
    expect(await readFile(join(folder, 'train.csv'), 'utf8')).toBe('mine');
    const { mtimeMs } = await stat(join(folder, 'demo.sqlite'));
    expect(await writeDemoData(folder)).toEqual([]);
    expect((await stat(join(folder, 'demo.sqlite'))).mtimeMs).toBe(mtimeMs);
  });

  it('has training rows whose label the features tell', () => {
    const rows = trainingRows();
    const right = rows.filter(
      ([f1, f2, f3, y]) => f1 * 0.8 + f2 * 0.3 - f3 * 0.2 > 0 === (y === 1),
    );

    expect(rows).toHaveLength(600);
    expect(rows.flatMap(([f1, f2, f3]) => [f1, f2, f3]).every((x) => x >= -1 && x < 1)).toBe(true);
    expect(right.length).toBeGreaterThan(500);
    expect(right.length).toBeLessThan(600);
  });

  it.each([
    [0.1, '0.1'],
    [-3, '-3.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e-300, '1e-300'],
    [123456789012345.6, '123456789012345.6'],
    [1e16, '1e+16'],
  ])('writes %s as Python does', (value, text) => {
    expect(floatText(value)).toBe(text);
  });
});
