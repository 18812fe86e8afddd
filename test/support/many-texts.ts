/** Labelled texts of random words, the same each time, whose training can be made to take as long as it must. */
export function manyTexts(
  count: number,
  { words = 40, vocabulary = 5000 } = {},
): { text: string; label: number }[] {
  let state = 7;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  return Array.from({ length: count }, () => ({
    text: Array.from({ length: words }, () => `w${next(vocabulary)}`).join(' '),
    label: next(3),
  }));
}
