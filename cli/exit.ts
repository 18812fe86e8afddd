import { Failure } from '../schemas/failure.ts';

/** Ends the process over a start that failed: the sentence and the remedy, without a stack. */
export function exitWith(error: unknown): never {
  if (error instanceof Failure) console.error(`${error.message} ${error.hint}`);
  else console.error(error);
  process.exit(1);
}
