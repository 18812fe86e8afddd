export type Field =
  | readonly ['i32' | 'i64', number | bigint]
  | readonly ['binary', string]
  | readonly ['struct', Fields]
  | readonly ['list', 'i32' | 'binary' | 'struct', readonly Buffer[], number?];
/** By their numbers, ascending. */
export type Fields = Readonly<Record<number, Field>>;

const TYPES = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A signed whole number. */
export const zigzag = (value: number | bigint): Buffer => {
  const wide = BigInt(value);
  return varint(wide < 0n ? -2n * wide - 1n : 2n * wide);
};

export const binary = (text: string): Buffer =>
  Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);

function fieldBytes(field: Field): Buffer {
  switch (field[0]) {
    case 'i32':
    case 'i64':
      return zigzag(field[1]);
    case 'binary':
      return binary(field[1]);
    case 'struct':
      return struct(field[1]);
    case 'list': {
      const [, kind, items, claimed = items.length] = field;
      return Buffer.concat([Buffer.from([0xf0 | TYPES[kind]]), varint(claimed), ...items]);
    }
  }
}

/** A struct in Thrift’s compact protocol; a list may claim more than it has. */
export function struct(fields: Fields): Buffer {
  let last = 0;
  const parts = Object.entries(fields).flatMap(([id, field]) => {
    const head = Buffer.from([((Number(id) - last) << 4) | TYPES[field[0]]]);
    last = Number(id);
    return [head, fieldBytes(field)];
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}
