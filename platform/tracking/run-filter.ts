import { Failure } from '../../schemas/failure.ts';

/**
 * A clause of MLflow's filter language that a tag has exactly this value. The language knows no
 * escapes, so a value is put in whichever quotes it does not hold.
 * @throws Failure INVALID_REQUEST for a value that cannot be written in it
 */
export function tagEquals(tag: string, value: string): string {
  const quote = value.includes("'") ? '"' : "'";
  if (value.includes(quote) || /[\\\p{Cc}]/u.test(value) || /[`"'\\]/.test(tag)) {
    throw new Failure(
      'INVALID_REQUEST',
      'MLflow cannot search for this value.',
      'Use letters, digits, dots, dashes and underscores in identifiers.',
    );
  }
  return `tags.\`${tag}\` = ${quote}${value}${quote}`;
}
