/** The texts that pandas.read_csv takes for a missing value unless told otherwise, quoted or not. */
const MARKERS = new Set([
  '',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
]);
const LONGEST = 8;

/** True when bytes[start, end) are one of the markers. */
export function isMissingMarker(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start) return true;
  if (end - start > LONGEST) return false;
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return MARKERS.has(text);
}
