import type { TrackedRun } from '../../platform/tracking/tracking-types.ts';
import { FAILURES } from '../../schemas/failure.ts';
import type { RunRow } from '../../schemas/list-runs.ts';
import { TAGS } from '../../schemas/names.ts';
import { HEADLINE_METRICS, roundedMetric, type TextCutter } from './bounded-values.ts';
import { WORKFLOW_ID } from './tenancy.ts';

const MOST_METRICS = 4;

/**
 * A run in a line of a list.
 * @param show.metrics those that the request names: shown first, and all of them
 */
export function runRow(
  run: TrackedRun,
  show: {
    readonly experimentName: string;
    readonly metrics: readonly string[];
    readonly texts: TextCutter;
  },
): RunRow {
  const { params, tags } = run;
  const { cut } = show.texts;
  const optional = (value: string | undefined) => (value ? cut(value) : undefined);
  const rows = params['n_rows'] ? Number(params['n_rows']) : NaN;
  const workflowId = tags[TAGS.workflowId];
  const failure = tags[TAGS.failureCode];
  const warnings = tags[TAGS.warnings];
  return {
    run_id: run.runId,
    workflow_id: workflowId !== undefined && WORKFLOW_ID.test(workflowId) ? workflowId : null,
    experiment: cut(show.experimentName),
    status: run.status,
    started_at: run.startTime === null ? undefined : isoSeconds(run.startTime),
    seconds: duration(run),
    model: optional(params['model']),
    source: optional(params['source_kind']),
    target: optional(params['target']),
    rows: Number.isSafeInteger(rows) ? rows : undefined,
    metrics: shownMetrics(run, show.metrics),
    failure: failure && Object.hasOwn(FAILURES, failure) ? failure : undefined,
    warnings: warnings ? warnings.split('\n').length : undefined,
  };
}

function shownMetrics(run: TrackedRun, asked: readonly string[]): Record<string, number> {
  const known = HEADLINE_METRICS.filter((name) => name in run.metrics);
  const names = [...new Set([...asked, ...known])].slice(0, Math.max(MOST_METRICS, asked.length));
  const values = names.flatMap((name) => {
    const value = roundedMetric(run.metrics[name], asked.includes(name) ? 6 : 4);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(values);
}

/** Undefined while it runs: a reopened run still bears its old end. */
function duration({ status, startTime, endTime }: TrackedRun): number | undefined {
  if (startTime === null || endTime === null || status === 'RUNNING' || status === 'SCHEDULED') {
    return undefined;
  }
  return (endTime - startTime) / 1000;
}

function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
