import { Failure } from '../../../schemas/failure.ts';

const RULES =
  'Expected is CSV in UTF-8 with a header row, commas between fields and double quotes around fields that hold commas, quotes or line breaks.';

/** A file that does not read as CSV. @param line physical line, counted from 1 with the header */
export function badLine(line: number, what: string): Failure {
  return new Failure('FILE_UNREADABLE', `Line ${line} of the CSV file ${what}.`, RULES);
}

/** A file whose bytes as a whole are not what a CSV file holds. */
export function notCsv(message: string, hint = RULES): Failure {
  return new Failure('FILE_UNREADABLE', message, hint);
}
