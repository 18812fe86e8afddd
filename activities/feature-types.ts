import type { FeatureColumn } from '../learning/onnx/tabular-model.ts';
import type { Column } from '../schemas/dataset.ts';
import { HISTORY_ROOM } from './history-room.ts';

type FeatureType = FeatureColumn['type'];

/** One letter a feature, so that ten thousand of them fit into the history. */
const LETTERS: Readonly<Record<FeatureType, string>> = { double: 'd', long: 'l', boolean: 'b' };
const TYPES = new Map(
  Object.entries(LETTERS).map(([type, letter]) => [letter, type as FeatureType]),
);

/** The names of whole-number types in CSV samples, DuckDB, PostgreSQL, MySQL and SQLite. */
const INTEGER = /^u?(?:(?:tiny|small|medium|big|huge)?int|integer|int[248]|year)(?: unsigned)?$/i;
const BOOLEAN = /^bool(?:ean)?$/i;

/**
 * How each feature is stored in its source, in the order of `features`. More than the history has room
 * for are not told: a model takes them as doubles.
 */
export function encodeFeatureTypes(
  columns: readonly Column[],
  features: readonly string[],
): string {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  if (features.length > HISTORY_ROOM.featureTypes) return '';
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
 * The types that hold every value of their columns: the declared ones, or double where the declaration
 * was a guess from the first rows that the others do not bear out.
 * @param blocks row-major [rows x declared.length] each
 */
export async function provenTypes(
  declared: readonly FeatureType[],
  blocks: AsyncIterable<Float64Array>,
): Promise<FeatureType[]> {
  const types = [...declared];
  for await (const block of blocks) {
    types.forEach((type, column) => {
      if (!holds(type, block, column, declared.length)) types[column] = 'double';
    });
  }
  return types;
}

/** A whole number of 64 bits; one beyond 2^53 was rounded when it was read, as ONNX Runtime will. */
const isLong = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 63;

function holds(type: FeatureType, block: Float64Array, column: number, width: number): boolean {
  if (type === 'double') return true;
  for (let at = column; at < block.length; at += width) {
    const value = block[at] as number;
    const fits = type === 'long' ? isLong(value) : value === 0 || value === 1;
    if (!fits) return false;
  }
  return true;
}
