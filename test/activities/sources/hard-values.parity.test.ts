import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';

import type { StoredSource } from '../../../schemas/source.ts';
import { ask, isRefusal, type Refusal } from '../../learning/reference/ask.ts';
import { expectSame } from '../../learning/reference/expect-same.ts';
import { DEFAULTS, refusalOf, runOurs } from '../../learning/reference/our-experiment.ts';
import type { ExperimentSource, ReferenceExperiment } from '../../learning/reference/problems.ts';
import { directPool } from './direct-pool.ts';
import { testReader } from './test-reader.ts';

/**
 * The same rows through pandas and scikit-learn and through ours. What is expected is a code where
 * both refuse, 'same' where both give a result; else one of the differences that we want:
 * 'strict CODE' where only we refuse, 'lenient' where only pandas or scikit-learn does.
 */
type Expected = string;
type Read = ReturnType<Awaited<ReturnType<typeof testReader>>['load']>;
interface Source {
  readonly reference: ExperimentSource;
  readonly load: () => Read;
}

const direct = await testReader({ pool: directPool });
// DuckDB wants a process of its own.
const forked = await testReader();
const duckDb = await (await DuckDBInstance.create(':memory:')).connect();
let files = 0;

const ROWS = 24;
function repeated<Value>(values: readonly Value[]): Value[] {
  return Array.from({ length: ROWS }, (_, i) => values[i % values.length]!);
}
/** Columns a, b and y, the values being those of the column `name`. */
function table(name: 'a' | 'y', values: readonly string[]): string[][] {
  return repeated(values).map((value, i) =>
    name === 'a' ? [value, `${i}`, `${i % 2}`] : [`${i % 5}`, `${i}`, value],
  );
}

async function csv(name: 'a' | 'y', values: readonly string[]): Promise<Source> {
  const path = join(direct.root, `${++files}.csv`);
  const lines = table(name, values).map((cells) => cells.join(','));
  await writeFile(path, `a,b,y\n${lines.join('\n')}\n`);
  return {
    reference: { kind: 'csv', path, target: 'y' },
    load: () => direct.load({ kind: 'file', path, format: 'csv', target: 'y' }),
  };
}

async function parquet(name: 'a' | 'y', values: readonly string[], type: string): Promise<Source> {
  const path = join(forked.root, `${++files}.parquet`);
  const literals = values.map((value) =>
    value === 'NULL' ? value : `'${value.replaceAll("'", "''")}'`,
  );
  const rows = table(name, literals).map((cells, i) => `(${i}, ${cells.join(', ')})`);
  const [a, y] = name === 'a' ? [`a::${type}`, 'y'] : ['a', `y::${type}`];
  await duckDb.run(
    `COPY (SELECT ${a} AS a, b, ${y} AS y FROM (VALUES ${rows.join(', ')}) t(i, a, b, y) ORDER BY i)
     TO '${path}' (FORMAT parquet)`,
  );
  return {
    reference: { kind: 'parquet', path, target: 'y' },
    load: () => forked.load({ kind: 'file', path, format: 'parquet', target: 'y' }),
  };
}

function sqlite(name: 'a' | 'y', values: readonly string[], declared: string): Promise<Source> {
  const path = join(direct.root, `${++files}.db`);
  const made = new DatabaseSync(path);
  const [a, y] = name === 'a' ? [declared, ''] : ['', declared];
  const rows = table(name, values).map((cells) => `(${cells.join(', ')})`);
  made.exec(`CREATE TABLE t (a ${a}, b, y ${y}); INSERT INTO t VALUES ${rows.join(', ')}`);
  made.close();
  const query = 'SELECT a, b, y FROM t';
  return Promise.resolve({
    reference: { kind: 'sqlite', path, query, target: 'y' },
    load: () => direct.load(direct.sql(`sqlite:///${path}`, query)),
  });
}

async function records(texts: readonly string[], labels: readonly unknown[]): Promise<Source> {
  const given = repeated(labels);
  const list = repeated(texts).map((text, i) => ({ text, label: given[i] }));
  const json = JSON.stringify(list);
  const blob = await direct.blobs.putBytes('inline/records', Buffer.from(json));
  const task = 'text-classification';
  const source: StoredSource = { kind: 'inline', task, records: blob, count: list.length };
  return {
    reference: { kind: 'records', records: json, target: 'label', text: 'text' },
    load: () => direct.load(source, { task: 'text', target: 'label', features: ['text'] }),
  };
}

/** Spelled as a CSV file has it. */
const CSV_FEATURES: [expected: Expected, values: string[]][] = [
  ['MISSING_VALUES', ['NaN', '1']],
  ['MISSING_VALUES', ['', 'True']],
  ['VALUE_OUT_OF_RANGE', ['inf', '1']],
  ['VALUE_OUT_OF_RANGE', ['-1e400', '1', '2']],
  ['COLUMN_NOT_NUMERIC', ['x', '1']],
  ['COLUMN_NOT_NUMERIC', ['True', '0']],
  ['COLUMN_NOT_NUMERIC', ['0x10', '1']],
  ['same', ['1e308', '-1e308', '3']],
  ['same', ['5e-324', '1e-310']],
  ['same', ['1e-400', '1']],
  ['same', ['-0', '0', '-0.0']],
  ['same', ['9007199254740993', '1']],
  ['same', ['99999999999999999999', '1', '2']],
  ['same', ['18446744073709551615', '-1', '3']],
  // Python's float() takes these, when other cells make a column of texts of it.
  ['strict COLUMN_NOT_NUMERIC', ['1_000', '2']],
  ['strict COLUMN_NOT_NUMERIC', ['١', '٢']],
];

const LONG = 'L'.repeat(10_000);
const CSV_LABELS: typeof CSV_FEATURES = [
  ['MISSING_VALUES', ['', 'x', 'y']],
  ['MISSING_VALUES', ['NA', '1', '2']],
  ['VALUE_OUT_OF_RANGE', ['inf', '1']],
  ['VALUE_OUT_OF_RANGE', ['1e400', '1']],
  ['VALUE_OUT_OF_RANGE', ['1.7976931348623157e308', '1']],
  ['VALUE_OUT_OF_RANGE', ['9.223372036854775808e18', '1']],
  ['VALUE_OUT_OF_RANGE', ['99999999999999999999', '1']],
  ['TOO_MANY_CLASSES', ['0.5', '1.5']],
  ['ONE_CLASS', ['1', '1.0']],
  ['ONE_CLASS', ['-0', '0']],
  ['same', ['-1', '-2', '3']],
  ['same', ['-0.0', '0', '1']],
  ['same', ['1e-400', '0', '1']],
  ['same', ['01', '1', '2']],
  ['same', ['+1', '1', '2']],
  ['same', ['1.', '2']],
  ['same', ['1e3', '.0']],
  ['same', ['1e16', '1']],
  ['same', ['9007199254740993.0', '1.0']],
  ['same', ['-9.223372036854775808e18', '1']],
  ['same', ['TRUE', 'True', 'false']],
  ['same', ['True', '1']],
  ['same', ['1', '1.0', 'True']],
  ['same', ['inf', 'x']],
  ['same', ['1', 'x']],
  ['same', [' x', 'x', 'x ']],
  ['same', [' 1', '2\t', '3']],
  ['same', [' True', 'False']],
  ['same', [' inf', '1']],
  ['same', ['\u00a01', '2']],
  ['same', ['0x1', '2']],
  ['same', ['1_0', '2']],
  ['same', ['١', '٢']],
  ['same', ['"1"', '2']],
  ['same', ['é', 'e\u0301']],
  ['same', ['👩\u200d💻', '👩💻']],
  ['same', ['\u{1d54f}', '\uff5e']],
  ['same', [`${LONG}a`, `${LONG}b`]],
  // numpy counts in 64 bits; our labels are doubles, so these would be taken for one another.
  ['strict VALUE_OUT_OF_RANGE', ['9007199254740993', '9007199254740992']],
  ['strict VALUE_OUT_OF_RANGE', ['18446744073709551615', '1']],
];

const PARQUET_FEATURES: [expected: Expected, values: string[], type: string][] = [
  ['VALUE_OUT_OF_RANGE', ['nan', '1'], 'DOUBLE'],
  ['VALUE_OUT_OF_RANGE', ['-inf', '1'], 'DOUBLE'],
  ['MISSING_VALUES', ['NULL', 'true'], 'BOOLEAN'],
  ['COLUMN_NOT_NUMERIC', ['x', '1'], 'VARCHAR'],
  ['same', ['1e308', '-1e308', '3', '-0.0', '5e-324'], 'DOUBLE'],
  ['same', ['18446744073709551615', '1'], 'UBIGINT'],
  ['same', ['0.12345678901234567', '1.7', '2.00000000000000001'], 'DECIMAL(18, 17)'],
  ['same', ['0.1', '2.7', '3'], 'FLOAT'],
  // Texts that hold numbers are texts: the caller says so with a cast.
  ['strict COLUMN_NOT_NUMERIC', ['1', '2'], 'VARCHAR'],
];
const PARQUET_LABELS: typeof PARQUET_FEATURES = [
  ['VALUE_OUT_OF_RANGE', ['nan', '1', '2'], 'DOUBLE'],
  ['VALUE_OUT_OF_RANGE', ['1e19', '1'], 'DOUBLE'],
  ['MISSING_VALUES', ['NULL', 'true', 'false'], 'BOOLEAN'],
  ['TOO_MANY_CLASSES', ['0.5', '1'], 'FLOAT'],
  ['same', ['1', '2', '-9223372036854775808'], 'DOUBLE'],
  ['same', ['', 'NA', ' '], 'VARCHAR'],
  // pandas makes objects of these, which scikit-learn does not know.
  ['lenient', ['1.00', '2.00'], 'DECIMAL(10, 2)'],
];

/** As SQL literals. */
const SQLITE_FEATURES: typeof PARQUET_FEATURES = [
  ['MISSING_VALUES', ['NULL', '1'], ''],
  ['VALUE_OUT_OF_RANGE', ['-9e999', '1'], ''],
  ['COLUMN_NOT_NUMERIC', ["'x'", '1'], ''],
  ['COLUMN_NOT_NUMERIC', ["''", '1'], ''],
  ['same', ['1e308', '-1e308', '3'], 'REAL'],
  ['same', ['5e-324', '1e-310'], 'REAL'],
  ['same', ['TRUE', 'FALSE', 'FALSE'], 'BOOLEAN'],
  ['same', ['-9223372036854775808', '1', '2'], ''],
  ['strict COLUMN_NOT_NUMERIC', ["'1.5'", '2'], ''],
  ['strict COLUMN_NOT_NUMERIC', ["x'31'", '1'], ''],
];
const SQLITE_LABELS: typeof PARQUET_FEATURES = [
  ['MISSING_VALUES', ['NULL', "'a'", "'b'"], ''],
  ['VALUE_OUT_OF_RANGE', ['9e999', '1'], ''],
  ['MIXED_LABELS', ["'1'", '1'], ''],
  ['COLUMN_NOT_TEXT', ["x'61'", "x'62'"], ''],
  ['TOO_MANY_CLASSES', ['0.5', '1'], ''],
  ['same', ['0', '1'], 'REAL'],
  ['same', ['1', '2.0'], ''],
  ['same', ['1', '10', '9'], 'TEXT'],
  ['same', ["''", "'a'"], ''],
  ['same', ["'é'", "'e\u0301'"], ''],
  ['same', ["'a' || char(0) || 'b'", "'a' || char(0) || 'c'"], ''],
  ['strict VALUE_OUT_OF_RANGE', ['9007199254740993', '9007199254740992'], ''],
];

const TEXTS: typeof CSV_FEATURES = [
  ['EMPTY_VOCABULARY', ['']],
  ['EMPTY_VOCABULARY', ['!?', '...', ' \n']],
  ['EMPTY_VOCABULARY', ['a b c', 'd', '1 2']],
  ['same', ['', 'good film', 'bad day']],
  // Test rows of all zeros get the class of the intercept.
  ['same', ['!', '!', '!', 'ab cd']],
  ['same', ['ab\0cd ee', 'ff gg']],
  ['same', ['\ufeffab cd', 'ab cd\u200bef', 'gh\u0085ij\u2028kl\u00a0mn']],
  ['same', ['👩\u200d💻 works ok', '👩💻 plays ok']],
  ['same', ['İstanbul IŞIK ısı', 'istanbul ışık']],
  ['same', ['STRASSE straße STRAẞE', 'Fuß fuss']],
  ['same', ['ΟΔΟΣ ΣΟΦΟΣ Σ', 'οδος σοφος σ', "ΑΣ'Α ΑΣ.Α"]],
  ['same', ['nai\u0308ve cafe\u0301', 'naïve café']],
  ['same', ['東京 都市', '日本語 テスト 한국어']],
  ['same', ['١٢ ٣٤٥', '١ ٢ ٣٤', '½¼ Ⅷⅷ']],
  ['same', ['__ _a', 'a_ b_c _']],
  ['same', ['nan', 'NA null']],
  ['same', ['1 22 333', '4.5 66,77']],
  ['same', [`${'word '.repeat(20_000)}end`, 'x'.repeat(100_000)]],
  // pandas wants UTF-8 of its texts. A lone surrogate parts words, as any other sign does.
  ['lenient', ['ab\ud800cd ef', 'ee ff']],
];
const RECORD_LABELS: [expected: Expected, labels: unknown[]][] = [
  ['MIXED_LABELS', [1, '1']],
  ['MIXED_LABELS', [1, true, 0, false]],
  ['TOO_MANY_CLASSES', [0.5, 1]],
  ['ONE_CLASS', [1]],
  ['CLASS_TOO_SMALL', [...Array<number>(ROWS - 1).fill(0), 1]],
  ['CLASS_TOO_SMALL', Array.from({ length: ROWS }, (_, i) => i)],
  ['INVALID_REQUEST', ['\ud800', '\ud801']],
  ['same', ['', 'a']],
  ['same', [' a', 'a']],
  ['same', ['é', 'e\u0301']],
  ['same', [-1, -2]],
  ['same', ['1', '2']],
  ['same', [true, false]],
  ['same', ['__proto__', 'constructor', 'toString']],
  ['strict VALUE_OUT_OF_RANGE', [2 ** 53, 1]],
];

interface Case {
  readonly expected: Expected;
  readonly given: string;
  readonly make: () => Promise<Source>;
}

const shown = (values: readonly unknown[]): string =>
  values
    .slice(0, 5)
    .map((value) => JSON.stringify(value).slice(0, 30))
    .join(' ');
function cases<Entry extends readonly [Expected, readonly unknown[], string?]>(
  kind: string,
  entries: readonly Entry[],
  make: (entry: Entry) => Promise<Source>,
): Case[] {
  return entries.map((entry) => {
    const [expected, values, type = ''] = entry;
    return { expected, given: `${kind} ${type} ${shown(values)}`, make: () => make(entry) };
  });
}

const words = ['good film', 'bad film, awful', 'very good'];
const ALL = [
  ...cases('CSV features', CSV_FEATURES, ([, values]) => csv('a', values)),
  ...cases('CSV labels', CSV_LABELS, ([, values]) => csv('y', values)),
  ...cases('Parquet features', PARQUET_FEATURES, ([, values, type]) => parquet('a', values, type)),
  ...cases('Parquet labels', PARQUET_LABELS, ([, values, type]) => parquet('y', values, type)),
  ...cases('SQLite features', SQLITE_FEATURES, ([, values, type]) => sqlite('a', values, type)),
  ...cases('SQLite labels', SQLITE_LABELS, ([, values, type]) => sqlite('y', values, type)),
  ...cases('texts', TEXTS, ([, values]) => records(values, [0, 1])),
  ...cases('labels of records', RECORD_LABELS, ([, values]) => records(words, values)),
];

/** Our result, or the code of the failure. */
async function ours(load: () => Read) {
  const loaded = await load().catch((error: { readonly code: string }) => error.code);
  if (typeof loaded === 'string') return loaded;
  const { meta, rows, texts } = loaded;
  const codes = Int32Array.from(loaded.labels, (label) => meta.labels.indexOf(label!));
  const input = meta.task === 'text' ? { texts } : { rows };
  const data = { input, codes, classCount: meta.labels.length };
  const refused = refusalOf(() => runOurs(data, DEFAULTS));
  return refused === 'none' ? { meta, ...runOurs(data, DEFAULTS) } : refused;
}

describe('a hard value', () => {
  const sources: Source[] = [];
  let answers: readonly (ReferenceExperiment | Refusal)[];
  beforeAll(async () => {
    for (const { make } of ALL) sources.push(await make());
    answers = await ask<'experiment'>(
      sources.map(({ reference }) => ({ op: 'experiment', source: reference, params: DEFAULTS })),
    );
  });

  it.each(ALL.map((entry, i) => ({ ...entry, i })))(
    '$given: $expected',
    async ({ expected, i }) => {
      const theirs = answers[i]!;
      const { reference, load } = sources[i]!;
      const result = await ours(load);
      const refused = expected.replace('strict ', '');
      const gives = { ours: !/[A-Z]/.test(expected), theirs: /same|strict/.test(expected) };
      expect(isRefusal(theirs) ? theirs.error : 'a result').toMatch(
        gives.theirs ? 'a result' : /Error/,
      );
      if (typeof result === 'string') return expect(result).toBe(refused);
      expect(gives.ours).toBe(true);
      if (isRefusal(theirs)) return;
      expect(result.meta.labels).toEqual(theirs.labels);
      // SQLite gives no more than a number for 1 and 1.0.
      if (reference.kind !== 'sqlite') expect(result.meta.labelType).toBe(theirs.labelType);
      expectSame(result, theirs);
    },
  );
});
