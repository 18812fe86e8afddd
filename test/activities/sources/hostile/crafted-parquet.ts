/** A Parquet file by hand, so that it can claim what no writer would. Field numbers: parquet.thrift. */
import { binary, struct, varint, zigzag, type Field, type Fields } from './thrift-compact.ts';

export const DOUBLE = 5;
export const BYTE_ARRAY = 6;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;

export interface Claims {
  /** Rows by the footer, and those of each row group. */
  readonly fileRows?: number;
  readonly groupRows?: number;
  /** Row groups, all of the same pages. */
  readonly groups?: number;
  /** The only value of the feature `a`, of the label `y`. */
  readonly a?: Value;
  readonly y?: Value;
  /** Elements of the schema that are not there. */
  readonly missingElements?: number;
  /** Further columns of the schema, of which no pages are there. */
  readonly columns?: number;
  /** How deep one more column lies in groups. */
  readonly depth?: number;
}

/** One value, written once: the dictionary of its column. */
export interface Value {
  readonly bytes: Buffer;
  readonly type: number;
  readonly codec?: number;
  readonly compress?: (bytes: Buffer) => Buffer;
  /** What the page says of itself, where that is not so. */
  readonly uncompressedBytes?: number;
  readonly compressedBytes?: number;
  readonly values?: number;
  readonly dataPageOffset?: number;
}

export function double(value: number): Value {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return { bytes, type: DOUBLE };
}

export function text(value: Buffer | string): Value {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  return { bytes: Buffer.concat([length, Buffer.from(value)]), type: BYTE_ARRAY };
}

const i32 = (value: number): Field => ['i32', value];
const i64 = (value: number): Field => ['i64', value];

/** The dictionary page and the data page of a column: one run of the dictionary's first value. */
function pagesOf(value: Value, rows: number): { dictionary: Buffer; data: Buffer } {
  const { bytes, compress = (raw: Buffer) => raw, values = 1 } = value;
  const page = compress(bytes);
  const { uncompressedBytes = bytes.length, compressedBytes = page.length } = value;
  const codes = Buffer.concat([Buffer.from([1]), varint(2 * rows), Buffer.from([0])]);
  const packed = compress(codes);
  const header = (type: number, sizes: readonly [number, number], more: Fields): Buffer =>
    struct({ 1: i32(type), 2: i32(sizes[0]), 3: i32(sizes[1]), ...more });
  const encodings = { 2: i32(RLE_DICTIONARY), 3: i32(RLE), 4: i32(RLE) };
  return {
    dictionary: Buffer.concat([
      header(2, [uncompressedBytes, compressedBytes], {
        7: ['struct', { 1: i32(values), 2: i32(PLAIN) }],
      }),
      page,
    ]),
    data: Buffer.concat([
      header(0, [codes.length, packed.length], { 5: ['struct', { 1: i32(rows), ...encodings }] }),
      packed,
    ]),
  };
}

/** What the footer says of a column whose pages begin at `at`. */
function chunkOf(name: string, value: Value, at: number, rows: number): Buffer {
  const { dictionary, data } = pagesOf(value, rows);
  const bytes = dictionary.length + data.length;
  return struct({
    2: i64(at),
    3: [
      'struct',
      {
        1: i32(value.type),
        2: ['list', 'i32', [zigzag(RLE_DICTIONARY), zigzag(PLAIN)]],
        3: ['list', 'binary', [binary(name)]],
        4: i32(value.codec ?? 0),
        5: i64(rows),
        6: i64(value.uncompressedBytes ?? bytes),
        7: i64(bytes),
        9: i64(value.dataPageOffset ?? at + dictionary.length),
        11: i64(at),
      },
    ],
  });
}

const leaf = (name: string, type: number): Buffer =>
  struct({
    1: i32(type),
    3: i32(0),
    4: ['binary', name],
    ...(type === BYTE_ARRAY && { 6: i32(0) }),
  });
const group = (name: string, children: number): Buffer =>
  struct({ 3: i32(0), 4: ['binary', name], 5: i32(children) });

/** A file with the columns a and y: each has one value, which stands in every row. */
export function craftedParquet({
  groupRows = 1000,
  groups = 1,
  fileRows = groups * groupRows,
  a = double(1),
  y = double(1),
  missingElements = 0,
  columns = 0,
  depth = 0,
}: Claims = {}): Buffer {
  const magic = Buffer.from('PAR1');
  const [first, second] = [pagesOf(a, groupRows), pagesOf(y, groupRows)];
  const pages = Buffer.concat([magic, first.dictionary, first.data]);
  const schema = [
    group('schema', 2 + columns + Math.min(1, depth)),
    ...[leaf('a', a.type), leaf('y', y.type)],
    ...Array.from({ length: columns }, (_, i) => leaf(`c${i}`, DOUBLE)),
    ...Array.from({ length: depth }, (_, i) => group(`g${i}`, 1)),
    ...(depth > 0 ? [leaf('end', DOUBLE)] : []),
  ];
  const rowGroup = struct({
    1: [
      'list',
      'struct',
      [chunkOf('a', a, magic.length, groupRows), chunkOf('y', y, pages.length, groupRows)],
    ],
    2: i64(pages.length),
    3: i64(groupRows),
  });
  const footer = struct({
    1: i32(1),
    2: ['list', 'struct', schema, schema.length + missingElements],
    3: i64(fileRows),
    4: ['list', 'struct', Array.from({ length: groups }, () => rowGroup)],
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([pages, second.dictionary, second.data, footer, length, magic]);
}
