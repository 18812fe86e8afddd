import type { LabelType, LabelValue } from '../../schemas/dataset.ts';
import type { RawLabels } from './class-labels.ts';

/** As pandas reads numbers: white space of ASCII around them, and none around an infinity. */
const INTEGER = /^[\t-\r ]*[+-]?\d+[\t-\r ]*$/;
const DECIMAL = /^[\t-\r ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[\t-\r ]*$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const BOOLEANS = new Map([
  ['True', true],
  ['TRUE', true],
  ['true', true],
  ['False', false],
  ['FALSE', false],
  ['false', false],
]);

/** The value of a boolean word as pandas.read_csv knows them; undefined for any other text. */
export function booleanOf(text: string): boolean | undefined {
  return BOOLEANS.get(text);
}

/**
 * Gives labels that came as text the type that pandas.read_csv would infer for their column:
 * all integers, else all numbers, else all True/False, else texts as they stand.
 */
export function inferLabels(texts: readonly string[]): RawLabels {
  if (texts.every((text) => INTEGER.test(text))) return typedLabels(texts, 'int');
  if (texts.every((text) => DECIMAL.test(text) || INFINITE.test(text))) {
    return typedLabels(texts, 'float');
  }
  return typedLabels(texts, texts.every((text) => BOOLEANS.has(text)) ? 'bool' : 'string');
}

/** Labels that came as text from a column whose type is known. */
export function typedLabels(texts: readonly string[], type: LabelType): RawLabels {
  return { values: texts.map((text) => valueOf(text, type)), type };
}

function valueOf(text: string, type: LabelType): LabelValue {
  switch (type) {
    case 'int':
    case 'float':
      // Adding 0 makes one label of 0 and -0.
      return (INFINITE.test(text) ? Infinity : Number(text)) + 0;
    case 'bool':
      return BOOLEANS.get(text) ?? false;
    case 'string':
      return text;
  }
}
