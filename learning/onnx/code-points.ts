const CODE_POINTS = 0x110000;

const found = new Map<string, readonly string[]>();

/**
 * All characters that a pattern for a single character matches, in ascending order. Looking at
 * all of Unicode takes some 50 ms, so the answer is kept.
 */
export function charactersLike(pattern: RegExp): readonly string[] {
  const key = String(pattern);
  let characters = found.get(key);
  if (!characters) {
    characters = findCharacters(pattern);
    found.set(key, characters);
  }
  return characters;
}

function findCharacters(pattern: RegExp): string[] {
  const characters: string[] = [];
  for (let point = 0; point < CODE_POINTS; point++) {
    const character = String.fromCodePoint(point);
    if (pattern.test(character)) characters.push(character);
  }
  return characters;
}

/**
 * The inside of an RE2 character class that holds exactly the characters given, in ascending
 * order. RE2 has its own Unicode tables, of another age, and not all properties; ranges make the
 * exported model mean what this process means.
 */
export function rangesOf(ascending: readonly string[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const character of ascending) {
    const point = character.codePointAt(0) as number;
    const range = ranges.at(-1);
    if (range?.[1] === point - 1) range[1] = point;
    else ranges.push([point, point]);
  }
  return ranges.map(([first, last]) => `${escape(first)}-${escape(last)}`).join('');
}

function escape(point: number): string {
  return `\\x{${point.toString(16)}}`;
}
