import type { FeatureColumn } from '../learning/onnx/tabular-model.ts';
import type { Column } from '../schemas/dataset.ts';

type FeatureType = FeatureColumn['type'];

/** One letter a feature, so that ten thousand of them fit into the history. */
const LETTERS: Readonly<Record<FeatureType, string>> = { double: 'd', long: 'l', boolean: 'b' };
const TYPES = new Map(
  Object.entries(LETTERS).map(([type, letter]) => [letter, type as FeatureType]),
);

/** The names of whole-number types in CSV samples, DuckDB, PostgreSQL, MySQL and SQLite. */
const INTEGER = /^u?(?:(?:tiny|small|medium|big|huge)?int|integer|int[248]|year)(?: unsigned)?$/i;
const BOOLEAN = /^bool(?:ean)?$/i;

/** How each feature is stored in its source, in the order of `features`. */
export function encodeFeatureTypes(
  columns: readonly Column[],
  features: readonly string[],
): string {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  return features.map((name) => LETTERS[featureType(typeOf.get(name) ?? '')]).join('');
}

function featureType(declared: string): FeatureType {
  if (INTEGER.test(declared)) return 'long';
  return BOOLEAN.test(declared) ? 'boolean' : 'double';
}

/** What {@link encodeFeatureTypes} wrote. */
export function decodeFeatureTypes(letters: string): FeatureType[] {
  return Array.from(letters, (letter) => TYPES.get(letter) ?? 'double');
}

/**
 * The type that holds every value of a column: the declared one, or double when the declaration was a
 * guess from the first rows that the others do not bear out.
 * @param values row-major [rows x width]
 */
export function provenType(
  declared: FeatureType,
  values: Float64Array,
  { column, width }: { readonly column: number; readonly width: number },
): FeatureType {
  if (declared === 'double') return declared;
  for (let at = column; at < values.length; at += width) {
    const value = values[at] as number;
    const fits = declared === 'long' ? Number.isSafeInteger(value) : value === 0 || value === 1;
    if (!fits) return 'double';
  }
  return declared;
}
