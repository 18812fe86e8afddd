/** Names and labels come from the data and go into messages that people and models read. */

const LONGEST = 64;

/** A name from the data in quotation marks: no control, format or bidi characters, nor such marks, at most 64 long. */
export function shownName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '').replace(/[“”]/g, '"');
  const characters = Array.from(plain.slice(0, 4 * LONGEST));
  const short = characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : plain;
  return `“${short}”`;
}

/** Several names in one line, the first `most` of them by name and the others as a number. */
export function shownNames(names: readonly string[], most = 10): string {
  const shown = names.slice(0, most).map(shownName).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
