/** Longest text from the data that goes into a table: beyond it nobody reads, and files grow. */
const LONGEST = 1000;
/** In a sentence or a table for people. */
const BRIEF = 60;

/**
 * Everything that a person does not see or that would change what is around it: controls, line
 * breaks, overrides of the writing direction, invisible format characters (the joiners of emoji
 * and of several scripts stay) and code points that XML forbids.
 */
const UNSHOWN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/gu;

/** More marks on one letter than any script puts there reach into other lines. */
const PILED_MARKS = /(\p{M}{5})\p{M}+/gu;

/**
 * A text from the data as it may be shown anywhere: on one line, well-formed, with nothing
 * invisible in it. What cannot be shown is spelled as JavaScript spells it: `\n`, `\u202e`.
 */
export function shownText(text: string): string {
  const kept = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  const shown = kept.toWellFormed().replace(UNSHOWN, spelled).replace(PILED_MARKS, '$1');
  return shown.trim() === '' ? `(${shown.length === 0 ? 'empty' : 'blank'})` : shown;
}

function spelled(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u;

/** A text from the data in a table for people: shown, and of moderate length. */
export function brief(text: string): string {
  const shown = shownText(text);
  return shown.length > BRIEF ? `${shown.slice(0, BRIEF - 1).toWellFormed()}…` : shown;
}

/**
 * A name from the data within a sentence of ours: brief, in quotes, and isolated when it is written
 * from right to left, so that it does not turn the words around it.
 */
export function quoted(name: string): string {
  const short = brief(name);
  return RIGHT_TO_LEFT.test(short) ? `“\u2068${short}\u2069”` : `“${short}”`;
}
