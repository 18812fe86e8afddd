import { mayHaveTakenEffect } from './mlflow-fault.ts';
import type { CallOptions } from './tracking-types.ts';

export interface OnceOptions extends CallOptions {
  /**
   * True only when nobody can ever have asked for this thing before: first attempt of the step, in
   * a workflow that is not a reset and whose id was never used. Spares the search.
   */
  readonly neverAsked?: boolean;
}

/**
 * Finds what an earlier attempt has made, or makes it. MLflow knows no idempotency key, so a create
 * carries what `find` looks for, and after an unclear answer is not repeated but looked for.
 * @returns `sole`: true when it is certain that no second one can appear later
 * @throws Failure MLFLOW_UNAVAILABLE when it is not known whether it exists: ask again later
 */
export async function findOrCreate<T>(
  steps: { readonly find: () => Promise<T | undefined>; readonly create: () => Promise<T> },
  { neverAsked = false, signal }: OnceOptions,
): Promise<{ readonly it: T; readonly sole: boolean }> {
  const found = neverAsked ? undefined : await steps.find();
  if (found !== undefined) return { it: found, sole: false };
  try {
    return { it: await steps.create(), sole: neverAsked };
  } catch (error) {
    if (signal?.aborted || !mayHaveTakenEffect(error)) throw error;
    const created = await steps.find();
    if (created === undefined) throw error;
    return { it: created, sole: false };
  }
}
