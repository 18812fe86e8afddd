import { plainText } from '../../../platform/plain-text.ts';

/** Longest text from the data that goes into a table: beyond it nobody reads, and files grow. */
const LONGEST = 1000;
/** In a sentence or a table for people. */
const BRIEF = 60;

/** More marks on one letter than any script puts there reach into other lines. */
const PILED_MARKS = /(\p{M}{5})\p{M}+/gu;

/**
 * A text from the data as it may be shown anywhere: on one line, well-formed, with nothing
 * invisible in it. What cannot be shown is spelled as JavaScript spells it: `\n`, `\u202e`.
 */
export function shownText(text: string): string {
  const kept = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  const shown = plainText(kept).replace(PILED_MARKS, '$1');
  return shown.trim() === '' ? `(${shown.length === 0 ? 'empty' : 'blank'})` : shown;
}

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u;

/** A text from the data in a table for people: shown, and of moderate length. */
export function brief(text: string): string {
  const shown = shownText(text);
  return shown.length > BRIEF ? `${shown.slice(0, BRIEF - 1).toWellFormed()}…` : shown;
}

/** A name must not end its own quotation. */
const QUOTES = /[“”]/g;

/**
 * A name from the data within a sentence of ours: brief, in quotes, and isolated when it is written
 * from right to left, so that it does not turn the words around it.
 */
export function quoted(name: string): string {
  const short = brief(name).replace(QUOTES, '"');
  return RIGHT_TO_LEFT.test(short) ? `“\u2068${short}\u2069”` : `“${short}”`;
}
