import { badLine } from './csv-failure.ts';

export const COMMA = 44;
export const QUOTE = 34;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;

/** Where the last field that was scanned lies. One object for all fields: no allocation a cell. */
export interface FieldScan {
  /** The content, without its quotes, is bytes[start, end). */
  start: number;
  end: number;
  /** Position of the comma or line break after the field. */
  next: number;
  /** True when the content holds doubled quotes. */
  escaped: boolean;
  /** Line breaks inside the field. */
  breaks: number;
}

export function createFieldScan(): FieldScan {
  return { start: 0, end: 0, next: 0, escaped: false, breaks: 0 };
}

/**
 * Scans the field that begins at `at`, as RFC 4180 has it; a quote inside an unquoted field is an
 * ordinary character. Returns false when the bytes end before the field does.
 * @throws Failure FILE_UNREADABLE for text after a closing quote
 */
export function scanField(
  scan: FieldScan,
  bytes: Uint8Array,
  { at, end, line }: { readonly at: number; readonly end: number; readonly line: number },
): boolean {
  scan.escaped = false;
  scan.breaks = 0;
  let i = at;
  if (bytes[i] !== QUOTE || i >= end) {
    for (; i < end; i++) {
      const byte = bytes[i];
      if (byte === COMMA || byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
    }
    scan.start = at;
    scan.end = i;
    scan.next = i;
    return i < end;
  }
  for (i++; i < end; i++) {
    const byte = bytes[i];
    if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)) {
      scan.breaks++;
    }
    if (byte !== QUOTE) continue;
    if (i + 1 >= end) return false;
    if (bytes[i + 1] !== QUOTE) break;
    scan.escaped = true;
    i++;
  }
  if (i >= end) return false;
  scan.start = at + 1;
  scan.end = i;
  scan.next = i + 1;
  const after = bytes[i + 1];
  if (after !== COMMA && after !== LINE_FEED && after !== CARRIAGE_RETURN) {
    throw badLine(line + scan.breaks, 'has text after a closing quote');
  }
  return true;
}

/** The content of a field with doubled quotes made single, as bytes of its own. */
export function unescapedField(bytes: Uint8Array, { start, end }: FieldScan): Uint8Array {
  const plain = new Uint8Array(end - start);
  let length = 0;
  for (let i = start; i < end; i++) {
    plain[length++] = bytes[i] as number;
    if (bytes[i] === QUOTE) i++;
  }
  return plain.subarray(0, length);
}
