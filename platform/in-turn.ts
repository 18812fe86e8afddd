export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

const last = new Map<string, Promise<unknown>>();

/** Runs the works of one key one after the other, in this process; a failed one does not stop the next. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
  const over = turn.catch(() => undefined);
  last.set(key, over);
  try {
    return await turn;
  } finally {
    if (last.get(key) === over) last.delete(key);
  }
}
