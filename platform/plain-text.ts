/**
 * Everything that a person does not see or that would change what is around it: controls, line
 * breaks, overrides of the writing direction, invisible format characters (the joiners of emoji and
 * of several scripts stay), the tags that hide a text from people and not from models, and code
 * points that XML forbids.
 */
const UNSHOWN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/gu;

/** A text on one line, well-formed, with nothing invisible: that is spelled as JavaScript does, `\n`, `\u202e`. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(UNSHOWN, spelled);
}

function spelled(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  const point = character.codePointAt(0) as number;
  return short ?? (point > 0xffff ? `\\u{${hex(point)}}` : `\\u${hex(point)}`);
}

function hex(point: number): string {
  return point.toString(16).padStart(4, '0');
}

/** The same for every text and key in an answer: names and values in it may come from somebody’s data. */
export function plainTexts<Value>(value: Value): Value {
  return plainIn(value) as Value;
}

function plainIn(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plainIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [plainText(key), plainIn(entry)]),
  );
}
