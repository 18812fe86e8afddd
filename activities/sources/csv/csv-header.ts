import { isUtf8 } from 'node:buffer';

import { shownName, shownNames } from '../shown-name.ts';
import { badLine, notCsv } from './csv-failure.ts';
import {
  CARRIAGE_RETURN,
  COMMA,
  createFieldScan,
  LINE_FEED,
  scanField,
  unescapedField,
} from './csv-field.ts';

/** A header must end within so many bytes. */
export const HEADER_BYTES = 4 << 20;

export interface CsvHeader {
  readonly names: readonly string[];
  /** Offset of the first byte after the header row. */
  readonly dataStart: number;
  /** Physical line of that byte, counted from 1. */
  readonly dataLine: number;
}

/**
 * Reads the header row from a file's first bytes. Blank lines before it are skipped, a UTF-8 byte
 * order mark is dropped.
 * @param head the first bytes of the file, up to {@link HEADER_BYTES}
 * @param whole true when that is all of it
 * @throws Failure FILE_UNREADABLE
 */
export function readCsvHeader(head: Uint8Array, whole: boolean): CsvHeader {
  checkKind(head);
  let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  let line = 1;
  for (; at < head.length; at++) {
    const byte = head[at] as number;
    if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && head[at + 1] !== LINE_FEED)) line++;
    else if (byte !== CARRIAGE_RETURN && byte !== 32 && byte !== 9) break;
  }
  if (at >= head.length)
    throw notCsv('The file is empty.', 'Give a file with a header row and data.');

  // A header without a line break is a whole file without rows.
  const bytes = whole ? Buffer.concat([head, Buffer.from('\n')]) : head;
  const scan = createFieldScan();
  const names: string[] = [];
  for (;;) {
    if (!scanField(scan, bytes, { at, end: bytes.length, line })) {
      throw whole
        ? badLine(line, 'opens a quote that is never closed')
        : notCsv('The header row of the CSV file does not end.');
    }
    line += scan.breaks;
    const name = scan.escaped ? unescapedField(bytes, scan) : bytes.subarray(scan.start, scan.end);
    if (!isUtf8(name)) throw badLine(line, 'is not UTF-8 text');
    names.push(Buffer.from(name).toString('utf8'));
    at = scan.next + 1;
    if (bytes[scan.next] !== COMMA) break;
  }
  if (bytes[scan.next] === CARRIAGE_RETURN && bytes[at] === LINE_FEED) at++;
  checkNames(names, line);
  return { names, dataStart: Math.min(at, head.length), dataLine: line + 1 };
}

/** Refuses what people hand over as CSV by mistake. */
function checkKind(head: Uint8Array): void {
  if (head.length === 0)
    throw notCsv('The file is empty.', 'Give a file with a header row and data.');
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (magic === 'PAR1') {
    throw notCsv('The file is a Parquet file, not CSV.', 'Set format to “parquet”.');
  }
  if (
    magic.startsWith('\x1f\x8b') ||
    magic.startsWith('PK\x03\x04') ||
    magic === '\x28\xb5\x2f\xfd'
  ) {
    throw notCsv('The file is compressed.', 'Unpack it first.');
  }
  if (
    magic.startsWith('\xff\xfe') ||
    magic.startsWith('\xfe\xff') ||
    head.subarray(0, 1024).includes(0)
  ) {
    throw notCsv('The file is not UTF-8 text.', 'Save it as UTF-8 (not UTF-16).');
  }
}

function checkNames(names: readonly string[], line: number): void {
  const empty = names.findIndex((name) => name.trim() === '');
  if (empty !== -1) {
    throw notCsv(
      `Column ${empty + 1} of the CSV file has no name in line ${line}.`,
      'Name every column in the header row; write data frames without their index.',
    );
  }
  const seen = new Set<string>();
  const twice = new Set(names.filter((name) => seen.size === seen.add(name).size));
  if (twice.size > 0) {
    throw notCsv(
      `The header row names ${shownNames([...twice])} more than once.`,
      'Give each column a name of its own.',
    );
  }
  const broken = names.find((name) => /\p{Cc}/u.test(name));
  if (broken !== undefined) {
    throw notCsv(`The column name ${shownName(broken)} holds control characters or a line break.`);
  }
}
