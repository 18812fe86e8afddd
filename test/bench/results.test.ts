import { describe, expect, test } from 'vitest';

import { BENCH, judged, markersOf, timeRow, withRows, type KeptRow } from '../../bench/results.ts';
import { spread } from '../../bench/side-by-side.ts';

const [BEGIN, END] = markersOf(BENCH);
const HEAD = `# Results\n\nby hand before\n\n${BEGIN}\n`;
const TAIL = `${END}\n\n| by hand | after |\n| --- | --- |\n| 1 | 2 |\n`;

function keptRow(what: string, ours: string, date = '2026-01-02'): KeptRow {
  return {
    ...{ date, machine: '2 cores, 24 GiB', what, rounds: 3 },
    ...{ ours, other: '4.000 s', ratio: '0.50x', bar: '1x', met: 'yes' },
  };
}

/** The lines of the table between the markers. */
function tableOf(document: string): string[] {
  const table = document.slice(document.indexOf(BEGIN), document.indexOf(END));
  return table.split('\n').filter((line) => line.startsWith('|'));
}

describe('a row', () => {
  const times = (ours: number[], other: number[]) => ({
    ...{ rounds: ours.length, ours: spread(ours), other: spread(other) },
    ...{ lastOurs: { seconds: 0 }, lastOther: { seconds: 0 } },
  });

  test('holds medians, ranges and the ratio of the medians against the bar', () => {
    expect(timeRow('fit', times([1, 3, 1.5], [2, 2, 2]), 0.5)).toEqual({
      what: 'fit',
      rounds: 3,
      ours: '1.500 s (1.000 to 3.000)',
      other: '2.000 s',
      ratio: '0.750x',
      bar: '0.5x',
      met: 'no',
    });
  });

  test('whose ratio is the bar itself meets it, and one without a bar is not judged', () => {
    expect(judged(0.5, 0.5).met).toBe('yes');
    expect(judged(0.501, 0.5)).toMatchObject({ ratio: '0.501x', met: 'no' });
    expect(judged(3)).toEqual({ ratio: '3.00x', bar: '', met: '' });
  });
});

describe('the kept table', () => {
  test('takes rows in, and leaves what lies outside of the markers', () => {
    const document = withRows(HEAD + TAIL, BENCH, [keptRow('fit', '2.000 s')]);
    expect(document.startsWith(HEAD)).toBe(true);
    expect(document.endsWith(TAIL)).toBe(true);
    expect(tableOf(document)).toEqual([
      '| date | machine | what | rounds | ours | other | ratio | bar | met |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      '| 2026-01-02 | 2 cores, 24 GiB | fit | 3 | 2.000 s | 4.000 s | 0.50x | 1x | yes |',
    ]);
  });

  test('a row measured anew takes the place of the old one; the others stay with their date', () => {
    const first = withRows(HEAD + TAIL, BENCH, [
      keptRow('fit', '2.000 s'),
      keptRow('text', '3.000 s'),
    ]);
    const second = withRows(first, BENCH, [
      keptRow('fit', '1.000 s', '2026-05-06'),
      keptRow('load', '9.000 s', '2026-05-06'),
    ]);
    const [, , ...rows] = tableOf(second).map((line) => line.split(' | ').slice(0, 5));
    expect(rows).toEqual([
      ['| 2026-05-06', '2 cores, 24 GiB', 'fit', '3', '1.000 s'],
      ['| 2026-01-02', '2 cores, 24 GiB', 'text', '3', '3.000 s'],
      ['| 2026-05-06', '2 cores, 24 GiB', 'load', '3', '9.000 s'],
    ]);
  });

  test('is read again as it was written, padded by a formatter or not', () => {
    const written = withRows(HEAD + TAIL, BENCH, [keptRow('fit', '2.000 s')]);
    expect(withRows(written, BENCH, [])).toBe(written);
    const padded = written.replaceAll(' | ', '   |   ');
    expect(tableOf(withRows(padded, BENCH, []))).toEqual(tableOf(written));
  });

  test('refuses a document without markers, a broken row and a cell that would break the table', () => {
    expect(() => withRows('# Results', BENCH, [])).toThrow('markers');
    const broken = `${HEAD}| date |\n| --- |\n| one cell |\n${TAIL}`;
    expect(() => withRows(broken, BENCH, [])).toThrow('Not a row');
    expect(() => withRows(HEAD + TAIL, BENCH, [keptRow('a | b', '1 s')])).toThrow('no bar');
  });
});

test('the median of an even number of values lies between the middle two', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
});
