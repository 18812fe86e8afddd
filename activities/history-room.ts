/**
 * The bytes of JSON that lists from the source may have in a step's result. The history repeats results
 * in what later steps are given: for log, all of them and the request stay within 64 KiB together.
 */
export const HISTORY_ROOM = {
  featureNames: 2048,
  featureTypes: 10_000,
  columns: 5120,
  classes: 4096,
} as const;

const MOST_ENTRIES = 100;

/** The first entries, at most a hundred, that fit; the dataset's blob holds all. */
export function fitting<T>(entries: readonly T[], bytes: number): T[] {
  let room = bytes;
  const first = entries.slice(0, MOST_ENTRIES);
  const end = first.findIndex((entry) => (room -= bytesOf(entry) + 1) < 0);
  return end === -1 ? first : first.slice(0, end);
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
