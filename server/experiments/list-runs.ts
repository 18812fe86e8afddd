import type { RunCondition } from '../../platform/tracking/run-query.ts';
import type { TrackedRun } from '../../platform/tracking/tracking-types.ts';
import type { ListRunsRequest, RunList, RunRow } from '../../schemas/list-runs.ts';
import { TAGS } from '../../schemas/names.ts';
import { ANSWER_TOKENS, createTextCutter, tokensOf } from './bounded-values.ts';
import { everyExperiment, experimentNamed, type KnownExperiments } from './known-experiments.ts';
import { readCursor, writeCursor, type ListPosition } from './list-cursor.ts';
import { runRow } from './run-row.ts';
import type { RunReader } from './tenant-runs.ts';

export interface ListRunsDependencies {
  /** The client for a tracking_uri; the default one for undefined. @throws Failure */
  readonly tracking: (uri: string | undefined) => RunReader;
}

/** What of a row is shown: the first form in which the rows are small enough is taken. */
interface RowForm {
  /** Of names and targets, in characters. */
  readonly width: number;
  readonly without: readonly (keyof RunRow)[];
  /** How many, beside those that the request names. */
  readonly metrics: number;
}

/** Whatever the form, run_id leads to the rest. */
const PLAIN: readonly (keyof RunRow)[] = ['workflow_id', 'source', 'model', 'rows', 'target'];
const FORMS: readonly RowForm[] = [
  ...[40, 24, 18].map((width) => ({ width, without: [], metrics: 4 })),
  { width: 18, without: ['workflow_id'], metrics: 4 },
  { width: 18, without: PLAIN, metrics: 4 },
  { width: 18, without: PLAIN, metrics: 2 },
  { width: 8, without: PLAIN, metrics: 2 },
];
/** So many rows are in an answer unless the caller asks for more; only then may it be longer. */
const USUAL_ROWS = 10;

/** One page of runs; see {@link Experiments.list}. */
export async function listRuns(
  { tracking }: ListRunsDependencies,
  request: ListRunsRequest,
): Promise<RunList> {
  const client = tracking(request.tracking_uri);
  const position = readCursor(request);
  const { names, complete } =
    request.experiment_name === undefined
      ? await everyExperiment(client)
      : await experimentNamed(client, request.experiment_name);
  const now = Date.now();
  const { runs, nextPageToken } = await client.searchRuns({
    experimentIds: [...names.keys()],
    where: conditionsOf(request, position),
    orderBy: [
      {
        by: request.order_by === 'start_time' ? 'start_time' : { metric: request.order_by },
        direction: request.order === 'asc' ? 'ASC' : 'DESC',
      },
    ],
    maxResults: request.limit,
    pageToken: position?.pageToken,
  });
  // A machine whose clock is ahead may have started what is on the first page.
  const until = position?.until ?? Math.max(now, ...runs.map(({ startTime }) => startTime ?? 0));
  const next_cursor =
    nextPageToken === undefined ? null : writeCursor(request, { pageToken: nextPageToken, until });
  const room = ANSWER_TOKENS - tokensOf({ runs: [], next_cursor, truncated: true });
  const { rows, cut } = smallRows(runs, { names, metrics: askedMetrics(request), room });
  return { runs: rows, next_cursor, truncated: cut || !complete };
}

function smallRows(
  runs: readonly TrackedRun[],
  {
    names,
    metrics,
    room,
  }: Pick<KnownExperiments, 'names'> & {
    readonly metrics: readonly string[];
    /** For the usual number of rows, in tokens. */
    readonly room: number;
  },
): { rows: RunRow[]; cut: boolean } {
  const versions = FORMS.map((form) => {
    const texts = createTextCutter(form.width);
    const whole = runs.map((run) =>
      runRow(run, { experimentName: names.get(run.experimentId) ?? '', metrics, texts }),
    );
    const rows = whole.map((row) => inForm(row, form, metrics.length));
    return { rows, cut: texts.used || tokensOf(rows) < tokensOf(whole) };
  });
  const most = room * Math.max(1, runs.length / USUAL_ROWS);
  const small = versions.find(({ rows }) => tokensOf(rows) <= most);
  return small ?? (versions.at(-1) as (typeof versions)[number]);
}

/** @param asked how many metrics the request names: they come first */
function inForm(row: RunRow, { without, metrics }: RowForm, asked: number): RunRow {
  const shown = Object.entries(row.metrics).slice(0, Math.max(metrics, asked));
  const fields = Object.entries(row).filter(([name]) => !without.includes(name as keyof RunRow));
  return { ...(Object.fromEntries(fields) as RunRow), metrics: Object.fromEntries(shown) };
}

function conditionsOf(request: ListRunsRequest, position?: ListPosition): RunCondition[] {
  const { status, started_after: after, started_before: before } = request;
  return [
    ...(status ? [{ status: [status] }] : []),
    ...(after ? [{ time: 'start', is: '>=', value: Date.parse(after) } as const] : []),
    ...(before ? [{ time: 'start', is: '<', value: Date.parse(before) } as const] : []),
    ...(position ? [{ time: 'start', is: '<=', value: position.until } as const] : []),
    ...(request.ours_only
      ? [{ tag: TAGS.workflowId, is: 'LIKE', value: 'experiment-%' } as const]
      : []),
    ...(request.metrics ?? []).flatMap(({ metric, at_least: least, at_most: most }) => [
      ...(least === undefined ? [] : [{ metric, is: '>=', value: least } as const]),
      ...(most === undefined ? [] : [{ metric, is: '<=', value: most } as const]),
    ]),
    ...(request.tags ?? []).map(({ tag, equals }) => ({ tag, is: '=', value: equals }) as const),
  ];
}

/** The metrics that a request names, in its order or its conditions. */
function askedMetrics({ order_by: by, metrics = [] }: ListRunsRequest): string[] {
  const named = metrics.map(({ metric }) => metric);
  return [...new Set(by === 'start_time' ? named : [by, ...named])];
}
