import type { CsvLayout } from './csv-rows.ts';
import type { GrowingFile } from './growing-file.ts';
import { LOOK_AHEAD } from './plain-number.ts';
import type { RemarkCount } from './cell-remarks.ts';

/** Some lines of a file, with room for what they hold, in memory that threads share. */
export interface Section {
  /** The lines; a 0 and some bytes more follow. */
  readonly bytes: Uint8Array;
  /** Bytes of the lines. */
  length: number;
  /** Row-major [rows x features]. */
  readonly x: Float64Array;
  /** [rows] label codes by first appearance in the section. */
  readonly codes: Int32Array;
}

/** What the rows of a section hold beside its arrays. */
export interface SectionRows {
  readonly rows: number;
  readonly lines: number;
  readonly labels: readonly string[];
  readonly remarks: readonly RemarkCount[];
}

/** An empty section of `bytes` bytes. It may turn out to hold more rows than it has room for. */
export function createSection(bytes: number, { roles, width }: CsvLayout): Section {
  const capacity = Math.ceil(bytes / (roles.length + width));
  return {
    bytes: new Uint8Array(new SharedArrayBuffer(bytes + LOOK_AHEAD)),
    length: 0,
    x: new Float64Array(new SharedArrayBuffer(8 * capacity * width)),
    codes: new Int32Array(new SharedArrayBuffer(4 * capacity)),
  };
}

/** Sections begin small, because code is made faster between two of them sooner than within one. */
const FIRST_BYTES = 128 << 10;
const GROWTH = 1.25;

/**
 * Cuts a file into sections after line breaks, from `position` on. A section without one ends
 * anywhere, and so does one with a line break between quotes: that is for the reader to find out.
 * @returns a function that fills a section with the next lines; its length is 0 when there are none
 */
export function sectionCutter(file: GrowingFile, position: number) {
  let rest = new Uint8Array(0);
  let wanted = FIRST_BYTES;
  return async function cut(section: Section): Promise<Section> {
    const { bytes } = section;
    const room = Math.min(bytes.length - LOOK_AHEAD, Math.max(wanted, 2 * rest.length));
    wanted = Math.ceil(wanted * GROWTH);
    bytes.set(rest);
    let have = rest.length;
    while (have < room) {
      const bytesRead = await file.read(bytes, have, room - have, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      have += bytesRead;
    }
    const lines = have === 0 ? 0 : bytes.lastIndexOf(10, have - 1) + 1;
    section.length = lines === 0 ? have : lines;
    rest = bytes.slice(section.length, have);
    bytes[section.length] = 0;
    return section;
  };
}
