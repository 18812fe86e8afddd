import { setTimeout as wait } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

/** SQLITE_BUSY, with its extended codes. */
export function isBusy(error: unknown): boolean {
  return ((error as { readonly errcode?: number } | null)?.errcode ?? 0) % 256 === 5;
}

/** A transaction, tried again while another process writes to the same database file. */
export async function whileBusy<T>(transaction: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    try {
      return await transaction();
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error;
      await wait(1 + Math.random() * 40);
    }
  }
}
