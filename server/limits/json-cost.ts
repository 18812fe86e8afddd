const [QUOTE, BACKSLASH, OBJECT, LIST, END_OBJECT, END_LIST, COLON] = [...Buffer.from('"\\{[}]:')];

/** A million records, and what is around them. */
const MOST_PARTS = 1_100_000;
const DEEPEST = 100;
/** Of one object: millions of them take longer than all the rest. */
const MOST_NAMES = 10_000;

/**
 * Whether parsing JSON would take far more time and memory than its size lets expect: 64 MB of brackets keep
 * a process busy for half a minute, and take 2 GB. Reads past texts, which may hold any brackets.
 */
export function isCostlyJson(bytes: Uint8Array): boolean {
  let parts = 0;
  let depth = 0;
  /** Of the object that is open at each depth. */
  const names = new Uint32Array(DEEPEST + 1);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = endOfText(bytes, i);
    else if (byte === OBJECT || byte === LIST) {
      parts += 1;
      depth += 1;
      if (parts > MOST_PARTS || depth > DEEPEST) return true;
      names[depth] = 0;
    } else if (byte === END_OBJECT || byte === END_LIST) depth -= 1;
    else if (byte === COLON && ++names[depth]! > MOST_NAMES) return true;
  }
  return false;
}

/** Where the text that begins at `start` has its closing quote. */
function endOfText(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}
