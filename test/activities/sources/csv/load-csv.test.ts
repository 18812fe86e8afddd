import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadCsv } from '../../../../activities/sources/csv/load-csv.ts';
import type { Selection } from '../../../../schemas/dataset.ts';
import { LIMITS } from '../limits.ts';
import { readDataset } from '../read-dataset.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
let files = 0;

type Options = Partial<Selection> & { limits?: Partial<typeof LIMITS> };

async function load(content: string | Uint8Array, options: Options = {}) {
  const number = ++files;
  const path = join(folder, `${number}.csv`);
  const output = join(folder, `${number}.data`);
  await writeFile(path, content);
  const { limits, ...selection } = options;
  const result = await loadCsv(
    {
      path,
      output,
      limits: { ...LIMITS, ...limits },
      selection: { task: 'tabular', target: 'y', features: undefined, ...selection },
    },
    () => undefined,
  ).catch((error: unknown) => {
    expect(existsSync(output)).toBe(false);
    throw error;
  });
  return { result, ...(await readDataset(output)) };
}

const failure = (content: string | Uint8Array, options?: Options) =>
  load(content, options).then(
    () => undefined,
    (error: { code: string; message: string; hint: string }) => error,
  );

describe('loadCsv', () => {
  it('reads numbers row by row and tells what it read', async () => {
    const { result, rows, labels, meta } = await load('a,b,y\n1,-2.5,1\n3e2,.5,0\n5,6,1\n7,8,0\n');
    expect(rows).toEqual([
      [1, -2.5],
      [300, 0.5],
      [5, 6],
      [7, 8],
    ]);
    expect(labels).toEqual([1, 0, 1, 0]);
    expect(meta).toEqual({
      task: 'tabular',
      rows: 4,
      features: ['a', 'b'],
      target: 'y',
      labelType: 'int',
      labels: [0, 1],
    });
    expect(result).toEqual({
      task: 'tabular',
      target: 'y',
      rows: 4,
      columns: [
        { name: 'a', type: 'number' },
        { name: 'b', type: 'number' },
        { name: 'y', type: 'int' },
      ],
      labelType: 'int',
      classCount: 2,
      classes: [
        { label: 0, rows: 2 },
        { label: 1, rows: 2 },
      ],
    });
  });

  it('takes features in the order in which they are named', async () => {
    const { rows, meta } = await load('a,b,c,y\n1,2,3,x\n4,5,6,z\n1,2,3,x\n4,5,6,z\n', {
      features: ['c', 'a'],
    });
    expect(meta.features).toEqual(['c', 'a']);
    expect(rows.slice(0, 2)).toEqual([
      [3, 1],
      [6, 4],
    ]);
  });

  // What pandas 3.1 read_csv makes of the same bytes.
  it.each([
    ['Windows line breaks', 'a,y\r\n1,0\r\n2,1\r\n3,0\r\n4,1\r\n'],
    ['mixed line breaks', 'a,y\r\n1,0\n2,1\r\n3,0\n4,1\n'],
    ['old Macintosh line breaks', 'a,y\r1,0\r2,1\r3,0\r4,1\r'],
    ['a byte order mark', '\ufeffa,y\n1,0\n2,1\n3,0\n4,1\n'],
    ['no line break at the end', 'a,y\n1,0\n2,1\n3,0\n4,1'],
    ['blank lines', '\n\na,y\n\n1,0\n2,1\n   \n3,0\n\t\n4,1\n\n'],
    ['quoted numbers', '"a","y"\n"1","0"\n2,1\n"3",0\n4,"1"\n'],
    ['spaces around numbers', 'a,y\n 1,0\n2 ,1\n\t3\t,0\n4, 1\n'],
    ['signs and zeros', 'a,y\n+1,0\n002,1\n3.,0\n4.0e0,1\n'],
    ['a line break in a skipped text', 'a,t,y\n1,"x\ny",0\n2,"x\r\n,""y""",1\n3,,0\n4,z,1\n'],
  ])('reads %s', async (_, content) => {
    const { rows, labels } = await load(content, { features: ['a'] });
    expect(rows.flat()).toEqual([1, 2, 3, 4]);
    expect(labels).toEqual([0, 1, 0, 1]);
  });

  it('counts True and False as 1 and 0, but not beside numbers', async () => {
    const { rows } = await load('a,y\nTrue,0\nfalse,1\nTRUE,0\nFalse,1\n');
    expect(rows.flat()).toEqual([1, 0, 1, 0]);
    expect(await failure('a,y\nTrue,0\n1,1\nTRUE,0\n0,1\n')).toMatchObject({
      code: 'COLUMN_NOT_NUMERIC',
      message: 'Values that are not numbers stand in “a” (rows 1, 3).',
    });
  });

  it.each([
    ['int', '1\n0\n1\n0', [0, 1]],
    ['int', '1\n01\n+2\n2', [1, 2]],
    ['int', '10\n9\n-1\n10\n9\n-1', [-1, 9, 10]],
    ['float', '1.0\n0\n1\n0.0', [0, 1]],
    ['bool', 'True\nfalse\nTRUE\nFalse', [false, true]],
    ['string', 'True\n1\nTrue\n1', ['1', 'True']],
    ['string', 'b\nB\nb\nB\nä\nä', ['B', 'b', 'ä']],
    // By code point: U+FF5E comes before U+1D54F, though not in UTF-16.
    ['string', '\u{1d54f}\n\uff5e\n\u{1d54f}\n\uff5e', ['\uff5e', '\u{1d54f}']],
    ['string', '"a,b"\n"a""b"\n"a,b"\n"a""b"', ['a"b', 'a,b']],
    ['string', ' x\nx\n x\nx', [' x', 'x']],
  ])('infers %s labels from %j', async (type, column, expected) => {
    const lines = column.split('\n').map((label, i) => `${i},${label}`);
    const { meta } = await load(`a,y\n${lines.join('\n')}\n`);
    expect(meta.labelType).toBe(type);
    expect(meta.labels).toEqual(expected);
  });

  it('names the columns and first rows of values that are missing', async () => {
    const markers = ['', 'NA', '"NaN"', 'null', '<NA>', 'None', '#N/A', '""'];
    const lines = markers.map((marker, i) => `${i},${marker},${i % 2}`);
    expect(await failure(`a,long name,y\n${lines.join('\n')}\n`)).toMatchObject({
      code: 'MISSING_VALUES',
      message: 'Values are missing in “long name” (rows 1, 2, 3 and 5 more).',
    });
    expect(await failure('a,y\n1,0\n2,\n3,0\n4,NA\n')).toMatchObject({
      code: 'MISSING_VALUES',
      message: 'Values are missing in “y” (rows 2, 4).',
    });
  });

  it('names the columns and first rows of values that are no numbers, and never the values', async () => {
    const error = await failure('a,b,y\n1,secret,0\n2,1,1\nhidden,2,0\n4,1_000,1\n');
    expect(error).toMatchObject({
      code: 'COLUMN_NOT_NUMERIC',
      message: 'Values that are not numbers stand in “a” (row 3), “b” (rows 1, 4).',
    });
    expect(JSON.stringify(error)).not.toMatch(/secret|hidden|1_000/);
  });

  it('refuses infinite values and numbers that no double holds', async () => {
    expect(await failure('a,b,y\ninf,1,0\n2,1e999,1\n3,-Infinity,0\n4,1,1\n')).toMatchObject({
      code: 'VALUE_OUT_OF_RANGE',
      message:
        'Values that are infinite, not a number or too large for a double stand in “a” (row 1), “b” (rows 2, 3).',
    });
  });

  it.each([
    ['an empty file', '', /empty/],
    ['only blank lines', '\n\n  \n', /empty/],
    [
      'a row with too few fields',
      'a,b,y\n1,2,0\n\n3,1\n',
      /Line 4 .* has 2 fields where the header has 3/,
    ],
    ['a row with too many fields', 'a,y\n1,0\n2,1,3\n', /Line 3 .* more fields than the 2/],
    ['an open quote', 'a,y\n1,0\n"2,1\n3,0\n', /Line 3 .* quote that is never closed/],
    ['an open quote in the header', 'a,"y\n1,0\n', /Line 1 .* quote that is never closed/],
    ['text after a closing quote', 'a,y\n1,"x"z\n', /Line 2 .* text after a closing quote/],
    ['a line after line breaks in quotes', 'a,t,y\n1,"\n\n",0\n2,x\n', /Line 5 .* has 2 fields/],
    ['a column without a name', ',a,y\n0,1,0\n', /Column 1 .* has no name/],
    ['a name twice', 'a,y,a\n1,0,2\n', /“a” more than once/],
    ['a line break in a name', '"a\nb",y\n1,0\n', /control characters or a line break/],
    ['Latin-1', Buffer.from('a,y\n1,caf\xe9\n', 'latin1'), /Line 2 .* not UTF-8/],
    [
      'Latin-1 in a skipped column',
      Buffer.from('a,t,y\n1,x,0\n2,caf\xe9,1\n', 'latin1'),
      /Line 3 .* not UTF-8/,
    ],
    ['UTF-16', Buffer.from('\ufeffa,y\n1,0\n', 'utf16le'), /not UTF-8/],
    ['Parquet', 'PAR1xxxxPAR1', /Parquet/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /compressed/],
  ])('refuses %s', async (_, content, message) => {
    const error = await failure(content, { features: ['a'] });
    expect(error?.code).toBe('FILE_UNREADABLE');
    expect(error?.message).toMatch(message);
  });

  it('reads a text column, quotes, line breaks and all', async () => {
    const { texts, labels, meta } = await load(
      'text,label\n"hello, ""you""\nthere",1\nplain,0\n 中文 ,1\n"x",0\n',
      { task: 'text', target: 'label' },
    );
    expect(texts).toEqual(['hello, "you"\nthere', 'plain', ' 中文 ', 'x']);
    expect(labels).toEqual([1, 0, 1, 0]);
    expect(meta).toMatchObject({ task: 'text', features: ['text'], labels: [0, 1] });
  });

  it('wants exactly one text column', async () => {
    const content = 'id,text,y\n1,a,0\n2,b,1\n3,c,0\n4,d,1\n';
    expect(await failure(content, { task: 'text' })).toMatchObject({
      code: 'COLUMN_NOT_TEXT',
      hint: 'Name the text column in features.',
    });
    const { texts } = await load(content, { task: 'text', features: ['text'] });
    expect(texts).toEqual(['a', 'b', 'c', 'd']);
    expect(await failure('t,y\na,0\nNA,1\n"",0\nd,1\n', { task: 'text' })).toMatchObject({
      code: 'MISSING_VALUES',
      message: 'Values are missing in “t” (rows 2, 3).',
    });
  });

  it.each([
    ['NO_ROWS', 'a,y\n', {}],
    ['NO_ROWS', 'a,y', {}],
    ['ONE_CLASS', 'a,y\n1,0\n2,0\n', {}],
    ['CLASS_TOO_SMALL', 'a,y\n1,0\n2,0\n3,1\n', {}],
    ['TOO_MANY_CLASSES', 'a,y\n1,0.5\n2,0.5\n3,1\n4,1\n', {}],
    ['TOO_MANY_CLASSES', 'a,y\n1,a\n2,b\n3,c\n', { limits: { maxClasses: 2 } }],
    ['VALUE_OUT_OF_RANGE', 'a,y\n1,9007199254740993\n2,9007199254740993\n3,1\n4,1\n', {}],
    ['ROW_LIMIT', 'a,y\n1,0\n2,1\n3,0\n', { limits: { maxRows: 2 } }],
    ['BYTE_LIMIT', 'a,y\n1,0\n2,1\n3,0\n', { limits: { maxBytes: 20 } }],
    ['BYTE_LIMIT', 'a,b,y\n1,2,0\n', { limits: { maxColumns: 2 } }],
    ['COLUMN_NOT_FOUND', 'a,y\n1,0\n', { target: 'x' }],
    ['COLUMN_NOT_FOUND', 'y\n1\n', {}],
    ['INVALID_REQUEST', 'a,y\n1,0\n', { features: ['a', 'y'] }],
    ['INVALID_REQUEST', 'a,y\n1,0\n', { features: ['a', 'a'] }],
  ])('fails with %s on %j', async (code, content, options) => {
    expect(await failure(content, options)).toMatchObject({ code });
  });

  it('reads the same whatever the sizes of rows, across its buffers', async () => {
    const field = fc.oneof(
      fc.constantFrom('', 'plain', 'é中', '"quoted"', 'a,b', 'line\nbreak', '\r\n', '""'),
      fc.string({ maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, fc.integer()), { minLength: 1, maxLength: 30 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 0, max: 9_000 }),
        async (cells, newline, padding) => {
          // One long column moves everything else to and fro over the borders of the buffer.
          const rows = Array.from({ length: 4 * cells.length }, (_, i) => {
            const [text, number] = cells[i % cells.length] as [string, number];
            return { text: `t${text}`, number, pad: 'p'.repeat((padding * (i + 1)) % 70_000) };
          });
          const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const lines = rows.map(
            ({ text, number, pad }, i) => `${pad}x,${number},${quote(text)},${i % 2}`,
          );
          const content = ['pad,n,t,y', ...lines, ''].join(newline);
          const text = await load(content, { task: 'text', features: ['t'] });
          expect(text.texts).toEqual(rows.map((row) => row.text));
          const numbers = await load(content, { features: ['n'] });
          expect(numbers.rows.flat()).toEqual(rows.map(({ number }) => number));
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it('keeps the order and number of rows in a file of many blocks', async () => {
    const count = 300_000;
    const lines = ['a,b,y'];
    for (let i = 0; i < count; i++) lines.push(`${i},${i / 7},${i % 3}`);
    const { rows, labels, result } = await load(lines.join('\n'));
    expect(result.rows).toBe(count);
    expect(result.classes.map((entry) => entry.rows)).toEqual([100_000, 100_000, 100_000]);
    expect(rows.every(([a, b], i) => a === i && b === i / 7 && labels[i] === i % 3)).toBe(true);
  });
});
