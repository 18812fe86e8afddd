import { cutText } from './run-data.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A dataset that a run has read. */
export interface DatasetInput {
  readonly name: string;
  /** Tells its content; of a longer one MLflow gets the first 36 characters. */
  readonly digest: string;
  /** E.g. `local`, `sql`, `code`. */
  readonly sourceType: string;
  /** Where it came from. Passwords in addresses are removed; nothing else in it is checked. */
  readonly source: Readonly<Record<string, Json>>;
  /** Its columns, `type` in MLflow's words: `double`, `long`, `string`, `boolean`. */
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  /** E.g. `num_rows` and counts; no values of the data. */
  readonly profile?: Readonly<Record<string, Json>>;
  /** What it was read for: `training`, `testing`. */
  readonly context: string;
}

/** MLflow's limits (mlflow/utils/validation.py, 3.17), in characters; the source's also in bytes. */
const MAX_NAME = 500;
const MAX_DIGEST = 36;
const MAX_SOURCE = 65_535;
const MAX_SCHEMA = 1_048_575;
const MAX_PROFILE = 16_777_215;
const MAX_CONTEXT = 500;

/** User and password of an address; a password may hold slashes, a port is no password. */
const LOGIN = /(:\/\/)(?:[^/\s]*|[^/\s:@]*:(?!\d+(?:\/|$))\S*)@/g;
const SECRET_OPTION = /([?&;](?:password|passwd|pwd|token|secret|access_?key)=)[^&;\s]*/gi;

function withoutSecrets(text: string): string {
  return text.replace(LOGIN, '$1').replace(SECRET_OPTION, '$1***');
}

/** The same value with every text in it changed. */
function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((entry: Json) => mapTexts(entry, change));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, mapTexts(entry, change)]);
  return Object.fromEntries(entries) as Json;
}

/** JSON in at most `limit` bytes, its texts cut as far as that takes; undefined when it never fits. */
function fittingJson(value: Json, limit: number): string | undefined {
  for (let longest = limit; longest >= 32; longest = Math.floor(longest / 2)) {
    const text = JSON.stringify(mapTexts(value, (entry) => cutText(entry, longest)));
    if (Buffer.byteLength(text) <= limit) return text;
  }
  return undefined;
}

/** MLflow's column list; of too many columns the first ones, and how many there are. */
function schemaJson(columns: NonNullable<DatasetInput['columns']>): string {
  const specs = columns.map(({ name, type }) => ({ type, name, required: true }));
  const whole = JSON.stringify({ mlflow_colspec: specs });
  if (whole.length <= MAX_SCHEMA) return whole;
  let room = MAX_SCHEMA - 100;
  const shown = specs.filter((spec) => (room -= JSON.stringify(spec).length + 1) > 0);
  return JSON.stringify({ mlflow_colspec: shown, columns: columns.length });
}

/**
 * Datasets in MLflow's JSON, within its limits: names and texts that are too long are cut.
 * @throws TypeError when two of them share name and digest, of which MLflow would drop one without
 *   a word, or one has a source or profile that does not fit
 */
export function datasetInputs(datasets: readonly DatasetInput[]): object[] {
  const seen = new Set<string>();
  return datasets.map(({ context, sourceType, columns, profile, ...dataset }) => {
    const name = cutText(dataset.name, MAX_NAME);
    const digest = dataset.digest.slice(0, MAX_DIGEST);
    const identity = JSON.stringify([name, digest]);
    if (seen.has(identity)) throw new TypeError('two datasets of a run share name and digest');
    seen.add(identity);
    const clean = mapTexts(dataset.source, withoutSecrets);
    const source = fittingJson(clean, MAX_SOURCE);
    const profileText = profile && fittingJson(profile, MAX_PROFILE);
    if (source === undefined || (profile && profileText === undefined)) {
      throw new TypeError('a dataset’s source or profile is too large for MLflow');
    }
    return {
      tags: [{ key: 'mlflow.data.context', value: cutText(context, MAX_CONTEXT) }],
      dataset: {
        ...{ name, digest, source_type: sourceType, source },
        ...(columns && { schema: schemaJson(columns) }),
        ...(profileText !== undefined && { profile: profileText }),
      },
    };
  });
}
