const WORD = /[\p{L}\p{N}_]/u;
const FIRST_SUPPLEMENTARY = 0x10000;
const CODE_POINTS = 0x110000;

let basic: Uint8Array | undefined;
/** 0: not asked yet, 1: no, 2: yes. Most texts never need it. */
let supplementary: Uint8Array | undefined;

/**
 * What Python's `re` calls `\w` in a str: letters, every kind of number, and the underscore, but
 * no combining marks. One entry a UTF-16 unit; surrogates are 0.
 */
export function basicWordUnits(): Uint8Array {
  basic ??= Uint8Array.from({ length: FIRST_SUPPLEMENTARY }, (_, unit) =>
    WORD.test(String.fromCharCode(unit)) ? 1 : 0,
  );
  return basic;
}

/** The same for a code point beyond U+FFFF. */
export function isSupplementaryWord(codePoint: number): boolean {
  supplementary ??= new Uint8Array(CODE_POINTS - FIRST_SUPPLEMENTARY);
  const at = codePoint - FIRST_SUPPLEMENTARY;
  supplementary[at] ||= WORD.test(String.fromCodePoint(codePoint)) ? 2 : 1;
  return supplementary[at] === 2;
}
