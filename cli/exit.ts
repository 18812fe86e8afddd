import { Failure } from '../schemas/failure.ts';

/** Ends the process over what failed: the sentence and the remedy, without a stack. */
export function exitWith(error: unknown, code = 1): never {
  if (error instanceof Failure) console.error(`${error.message} ${error.hint}`);
  else console.error(error);
  process.exit(code);
}
