import type { Draws } from '../../../faults/draws.ts';

/** What readers of numbers, texts, JSON and Thrift have stumbled over. */
const ODD: readonly [Buffer, ...Buffer[]] = [
  Buffer.from([0xff, 0xff, 0xff, 0x7f]),
  Buffer.from([0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x00, 0x00, 0x00, 0x80]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  Buffer.alloc(8),
  Buffer.from('9'.repeat(400)),
  Buffer.from('1e999'),
  Buffer.from('-0.0000000000000000000000000000000001e-320'),
  Buffer.from('0x7fffffffffffffff'),
  Buffer.from('"'),
  Buffer.from('""'),
  Buffer.from(',,,,,,'),
  Buffer.from('\r'),
  Buffer.from('\n\n\n'),
  Buffer.from('\0'),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('\\ud800'),
  Buffer.from('\\u0000'),
  Buffer.from('"__proto__":{"a":1},'),
  Buffer.from('\u202e\u2066'),
  Buffer.from([0xef, 0xbb, 0xbf]),
  Buffer.from([0xff, 0xfe]),
  Buffer.from('['.repeat(20_000)),
  Buffer.from('{"a":'.repeat(5_000)),
  Buffer.from('PAR1'),
];
const MOST_BYTES = 90_000;

/** Often one random change to some bytes, else up to four: the same ones each time for the same draws. */
export function mutate(bytes: Buffer, draws: Draws): Buffer {
  let mutated = Buffer.from(bytes);
  for (let changes = draws.chance(0.6) ? 1 : 1 + draws.below(4); changes > 0; changes--) {
    mutated = Buffer.from(change(mutated, draws).subarray(0, MOST_BYTES));
  }
  return mutated;
}

function change(bytes: Buffer, draws: Draws): Buffer {
  const position = (): number => draws.below(bytes.length + 1);
  // What says most of a Parquet file stands at its end.
  const at = draws.chance(0.3) ? Math.max(0, bytes.length - 1 - draws.below(400)) : position();
  const [start, end] = [at, Math.min(bytes.length, at + 1 + draws.below(64))];
  switch (
    draws.pick([
      'flip',
      'flip',
      'flip',
      'flip',
      'cut',
      'drop',
      'splice',
      'repeat',
      'insert',
      'over',
    ])
  ) {
    case 'flip':
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << draws.below(8));
      return bytes;
    case 'cut':
      return bytes.subarray(0, at);
    case 'drop':
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    case 'splice': {
      const to = position();
      const piece = bytes.subarray(start, end);
      return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to)]);
    }
    case 'repeat': {
      const piece = bytes.subarray(start, end);
      const pieces = Array.from({ length: 1 + draws.below(500) }, () => piece);
      return Buffer.concat([bytes.subarray(0, end), ...pieces, bytes.subarray(end)]);
    }
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), draws.pick(ODD), bytes.subarray(at)]);
    default:
      draws.pick(ODD).copy(bytes, at);
      return bytes;
  }
}
