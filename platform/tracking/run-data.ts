/** `timestamp` in ms since 1970. */
export interface MetricPoint {
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/**
 * A value of a metric, `timestamp` in ms. The same key, value, timestamp and step again is no new
 * row. Of several values the one with the highest step, then timestamp, is the run's.
 */
export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step?: number;
  /**
   * The LoggedModel that was measured, and on what. A model has one value for a key, timestamp and
   * step: what was measured on two datasets needs two keys. MLflow refuses another value.
   */
  readonly model?: {
    readonly id: string;
    readonly dataset?: { readonly name: string; readonly digest: string };
  };
}

/** What is logged to a run. Keys: letters, digits, `_-./:` and spaces, at most 250 characters. */
export interface RunData {
  readonly metrics?: readonly Metric[];
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** MLflow's limits for one log-batch request (mlflow/utils/validation.py, 3.17). */
const MAX_METRICS = 1000;
/**
 * MLflow 3.17 takes more, but refuses them when they are repeated: its search for rows that are
 * there already looks at a hundred keys at a time (`_log_model_metrics` in sqlalchemy_store.py).
 */
const MAX_MODEL_METRICS = 100;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
const MAX_ITEMS = 1000;
/** MLflow allows 1e6; the rest is for the request's frame. */
const MAX_BYTES = 990_000;

export const MAX_PARAM_CHARACTERS = 6000;
export const MAX_TAG_CHARACTERS = 8000;
export const MAX_RUN_NAME_CHARACTERS = 250;
export const MAX_USER_CHARACTERS = 256;

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
  readonly model_id?: string;
  readonly dataset_name?: string;
  readonly dataset_digest?: string;
}
/** The body of a log-batch request, but for the run id. */
export interface LogBatch {
  readonly tags: Pair[];
  readonly params: Pair[];
  readonly metrics: WireMetric[];
}

/** Key and value pairs in MLflow's JSON: long values cut, and without U+0000, which PostgreSQL can't hold. */
export function pairsOf(values: Readonly<Record<string, string>>, limit: number): Pair[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: cutText(value.replaceAll('\0', '\u{FFFD}'), limit),
  }));
}

/** JSON has no NaN and no infinities; MLflow reads them from text (and stores ±1.8e308 for ±∞). */
function wireMetric({ key, value, timestamp, step = 0, model }: Metric): WireMetric {
  return {
    ...{ key, value: Number.isFinite(value) ? value : String(value), timestamp, step },
    ...(model && { model_id: model.id }),
    ...(model?.dataset && {
      dataset_name: model.dataset.name,
      dataset_digest: model.dataset.digest,
    }),
  };
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
  let modelMetrics = 0;

  function close(): void {
    batches.push(open);
    open = { tags: [], params: [], metrics: [] };
    items = 0;
    bytes = 0;
    modelMetrics = 0;
  }
  function add<K extends keyof LogBatch>(kind: K, max: number, entry: LogBatch[K][number]): void {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (open[kind].length === max || items === MAX_ITEMS || bytes + size > MAX_BYTES) close();
    (open[kind] as LogBatch[K][number][]).push(entry);
    items += 1;
    bytes += size;
  }

  for (const tag of pairsOf(data.tags ?? {}, MAX_TAG_CHARACTERS)) add('tags', MAX_TAGS, tag);
  for (const param of pairsOf(data.params ?? {}, MAX_PARAM_CHARACTERS)) {
    add('params', MAX_PARAMS, param);
  }
  for (const metric of data.metrics ?? []) {
    if (metric.model && modelMetrics === MAX_MODEL_METRICS) close();
    add('metrics', MAX_METRICS, wireMetric(metric));
    if (metric.model) modelMetrics += 1;
  }
  if (items > 0) batches.push(open);
  return batches;
}
