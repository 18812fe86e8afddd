import type { RunCondition } from '../../platform/tracking/run-query.ts';
import type { MlflowClient, TrackedRun } from '../../platform/tracking/tracking-types.ts';
import type { ListRunsRequest, RunList, RunRow } from '../../schemas/list-runs.ts';
import { TAGS } from '../../schemas/names.ts';
import { createTextCutter } from './bounded-values.ts';
import { everyExperiment, experimentNamed, type KnownExperiments } from './known-experiments.ts';
import { readCursor, writeCursor, type ListPosition } from './list-cursor.ts';
import { runRow } from './run-row.ts';

export interface ListRunsDependencies {
  /** The client for a tracking_uri; the default one for undefined. @throws Failure */
  readonly tracking: (uri: string | undefined) => MlflowClient;
}

/** Of names and targets, in characters: the first with which rows are small enough is taken. */
const WIDTHS = [40, 24, 18, 14, 8] as const;
/** Of JSON, on average: ten rows and a cursor take less than 1000 tokens of four characters. */
const ROW_CHARACTERS = 386;

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
  const { rows, cut } = smallRows(runs, { names, metrics: askedMetrics(request) });
  // A machine whose clock is ahead may have started what is on the first page.
  const until = position?.until ?? Math.max(now, ...runs.map(({ startTime }) => startTime ?? 0));
  return {
    runs: rows,
    next_cursor:
      nextPageToken === undefined
        ? null
        : writeCursor(request, { pageToken: nextPageToken, until }),
    truncated: cut || !complete,
  };
}

function smallRows(
  runs: readonly TrackedRun[],
  { names, metrics }: Pick<KnownExperiments, 'names'> & { readonly metrics: readonly string[] },
): { rows: RunRow[]; cut: boolean } {
  const versions = WIDTHS.map((width) => {
    const texts = createTextCutter(width);
    const rows = runs.map((run) =>
      runRow(run, { experimentName: names.get(run.experimentId) ?? '', metrics, texts }),
    );
    return { rows, cut: texts.used };
  });
  const most = ROW_CHARACTERS * runs.length;
  const small = versions.find(({ rows }) => JSON.stringify(rows).length <= most);
  return small ?? (versions.at(-1) as (typeof versions)[number]);
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
