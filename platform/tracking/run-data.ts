/** A metric value; `timestamp` in ms. The same key, value, timestamp and step again is no new row. */
interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step?: number;
}

/** What is logged to a run. Keys: letters, digits, `_-./:` and spaces, at most 250 characters. */
export interface RunData {
  readonly metrics?: readonly Metric[];
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A dataset that a run has read. `digest` at most 36 characters, `name` 500. */
export interface DatasetInput {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  /** JSON in MLflow's form, e.g. `{"mlflow_colspec": […]}`. */
  readonly schema?: string;
  readonly profile?: string;
  /** What it was read for: `training`, `testing`. */
  readonly context: string;
}

/** MLflow's limits for one log-batch request (mlflow/utils/validation.py, 3.17). */
const MAX_METRICS = 1000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
const MAX_ITEMS = 1000;
/** MLflow allows 1e6; the rest is for the request's frame. */
const MAX_BYTES = 990_000;

const MAX_PARAM_CHARACTERS = 6000;
export const MAX_TAG_CHARACTERS = 8000;
export const MAX_RUN_NAME_CHARACTERS = 250;

/** Cuts a text to `limit` characters (code points, as Python counts), saying so at its end. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  const marker = `… [cut, ${characters.length} characters]`;
  return characters.slice(0, limit - Array.from(marker).length).join('') + marker;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}
interface WireMetric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}
/** The body of a log-batch request, but for the run id. */
export interface LogBatch {
  readonly tags: Pair[];
  readonly params: Pair[];
  readonly metrics: WireMetric[];
}

/** Key and value pairs in MLflow's JSON, long values cut. */
export function pairsOf(values: Readonly<Record<string, string>>, limit: number): Pair[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: cutText(value, limit) }));
}

/** JSON has no NaN and no infinities; MLflow reads them from text (and stores ±1.8e308 for ±∞). */
function wireMetric({ key, value, timestamp, step = 0 }: Metric): WireMetric {
  return { key, value: Number.isFinite(value) ? value : String(value), timestamp, step };
}

/**
 * Splits what is to be logged into requests within MLflow's limits, in order: tags, params,
 * metrics. A reader who sees a metric may therefore rely on the params.
 */
export function splitIntoBatches(data: RunData): LogBatch[] {
  const batches: LogBatch[] = [];
  let open: LogBatch = { tags: [], params: [], metrics: [] };
  let items = 0;
  let bytes = 0;

  function add<K extends keyof LogBatch>(kind: K, max: number, entry: LogBatch[K][number]): void {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (open[kind].length === max || items === MAX_ITEMS || bytes + size > MAX_BYTES) {
      batches.push(open);
      open = { tags: [], params: [], metrics: [] };
      items = 0;
      bytes = 0;
    }
    (open[kind] as LogBatch[K][number][]).push(entry);
    items += 1;
    bytes += size;
  }

  for (const tag of pairsOf(data.tags ?? {}, MAX_TAG_CHARACTERS)) add('tags', MAX_TAGS, tag);
  for (const param of pairsOf(data.params ?? {}, MAX_PARAM_CHARACTERS)) {
    add('params', MAX_PARAMS, param);
  }
  for (const metric of data.metrics ?? []) add('metrics', MAX_METRICS, wireMetric(metric));
  if (items > 0) batches.push(open);
  return batches;
}
