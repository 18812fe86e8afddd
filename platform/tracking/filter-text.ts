import { Failure } from '../../schemas/failure.ts';
import { TRACKING_KEY } from '../../schemas/tracking-key.ts';

/**
 * A text in the quotes of MLflow's filter language. The language knows no escapes, so it is put in
 * whichever quotes it does not hold.
 * @throws Failure INVALID_REQUEST for a text that cannot be written in it
 */
export function quoted(value: string): string {
  const quote = value.includes("'") ? '"' : "'";
  if (value.includes(quote) || /[\\\p{Cc}]/u.test(value)) {
    throw new Failure(
      'INVALID_REQUEST',
      'MLflow cannot search for this value.',
      'Search for a text without backslashes, line breaks, or both kinds of quotes.',
    );
  }
  return quote + value + quote;
}

/**
 * The name of a metric, param or tag, as it may stand in a filter.
 * @throws Failure INVALID_REQUEST for a name that MLflow cannot have
 */
export function checkKey(key: string): string {
  if (TRACKING_KEY.test(key)) return key;
  throw new Failure(
    'INVALID_REQUEST',
    'MLflow has no metric, param or tag of such a name.',
    'Such names consist of letters, digits, spaces and _ - . : / and have at most 250 characters.',
  );
}
