import type { ModelColumn } from '../../learning/onnx/class-labels.ts';
import { asciiJson } from './ascii-json.ts';
import { textFile, type DirectoryFile } from './directory-file.ts';

export type ExampleValue = number | boolean | string;

/** A row of an input example, its values in the order of the model's inputs. */
export type ExampleRow = readonly ExampleValue[];

export const EXAMPLE_FILE = 'input_example.json';
export const SERVING_EXAMPLE_FILE = 'serving_input_example.json';

/** The rows as MLflow stores them, and as the body of a request to a served model. */
export function exampleFiles(
  columns: readonly ModelColumn[],
  rows: readonly ExampleRow[],
): DirectoryFile[] {
  const names = columns.map((column) => asciiJson(column.name));
  const data = rows.map((row) => {
    if (row.length !== columns.length) {
      throw new RangeError(`A row of ${row.length} values does not fit ${columns.length} columns.`);
    }
    return `[${columns.map(({ type }, i) => literal(row[i] as ExampleValue, type)).join(', ')}]`;
  });
  const table = `{"columns": [${names.join(', ')}], "data": [${data.join(', ')}]}`;
  return [
    textFile(EXAMPLE_FILE, table),
    textFile(SERVING_EXAMPLE_FILE, `{"dataframe_split": ${table}}`),
  ];
}

/** A JSON literal. A double keeps its point, as pandas takes 1 for an integer and 1.0 for a double. */
function literal(value: ExampleValue, type: ModelColumn['type']): string {
  const text = Object.is(value, -0) ? '-0' : asciiJson(value);
  return type === 'double' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
