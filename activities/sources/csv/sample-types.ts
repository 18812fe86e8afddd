import type { Column } from '../../../schemas/dataset.ts';
import { booleanOf } from '../label-texts.ts';
import { COMMA, createFieldScan, scanField } from './csv-field.ts';
import type { CsvHeader } from './csv-header.ts';
import { decimalOf } from './decimal.ts';
import { isMissingMarker } from './missing-markers.ts';

const SAMPLE_ROWS = 100;

/**
 * The columns of a CSV file with the type that its first rows show: integer, number, boolean, text,
 * or unknown where all are missing. A CSV file declares no types, so this is a guess; loading decides.
 */
export function sampledColumns(head: Uint8Array, header: CsvHeader): Column[] {
  const seen = header.names.map(() => new Set<string>());
  const scan = createFieldScan();
  let at = header.dataStart;
  for (let row = 0; row < SAMPLE_ROWS && at < head.length; row++) {
    for (const types of seen) {
      if (!scanQuietly(scan, head, at)) return columnsOf(header, seen);
      if (!isMissingMarker(head, scan.start, scan.end))
        types.add(typeOf(head, scan.start, scan.end));
      at = scan.next + 1;
      if (head[scan.next] !== COMMA) break;
    }
    while (head[at] === 10 || head[at] === 13) at++;
  }
  return columnsOf(header, seen);
}

/** Broken rows are the loading step's to report. */
function scanQuietly(
  scan: ReturnType<typeof createFieldScan>,
  head: Uint8Array,
  at: number,
): boolean {
  try {
    return scanField(scan, head, { at, end: head.length, line: 0 });
  } catch {
    return false;
  }
}

function typeOf(bytes: Uint8Array, start: number, end: number): string {
  const text = Buffer.from(bytes.subarray(start, Math.min(end, start + 20))).toString('latin1');
  if (/^ *[+-]?\d+ *$/.test(text)) return 'integer';
  if (!Number.isNaN(decimalOf(bytes, start, end))) return 'number';
  return booleanOf(text) === undefined ? 'text' : 'boolean';
}

function columnsOf({ names }: CsvHeader, seen: readonly Set<string>[]): Column[] {
  return names.map((name, position) => {
    const types = [...(seen[position] as Set<string>)];
    if (types.length === 0) return { name, type: 'unknown' };
    const numeric = types.every((type) => type === 'integer' || type === 'number');
    return { name, type: types.length === 1 ? (types[0] as string) : numeric ? 'number' : 'text' };
  });
}
