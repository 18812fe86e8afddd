import type { CompareRunsRequest, RunComparison } from '../../schemas/compare-runs.ts';
import { Failure } from '../../schemas/failure.ts';
import { ANSWER_TOKENS, createRoom, createTextCutter, tokensOf } from './bounded-values.ts';
import { bestRuns, comparedMetrics, comparedParams } from './compared-values.ts';
import type { GetRunDependencies } from './get-run.ts';
import { findNamedRuns, type NamedRuns } from './named-runs.ts';
import { commonGround, fairnessNotes } from './sameness.ts';

/** How long an answer may be, in tokens, and a value in it, in characters. */
const SIZES = {
  brief: { answer: ANSWER_TOKENS, value: 40 },
  full: { answer: 5000, value: 500 },
} as const;

/** What two to ten runs have in common and where they differ; see {@link Experiments.compare}. */
export async function compareRuns(
  { client, tracking, tenancy }: GetRunDependencies,
  request: CompareRunsRequest,
): Promise<RunComparison> {
  const mlflow = tracking(request.tracking_uri);
  const named = await findNamedRuns({ client, mlflow, tenancy }, request.run_ids);
  if (named.runs.length < 2) throw tooFew(named);
  return comparison(named, request.detail);
}

/** The comparison of runs; params and metrics are left out, the least telling first, when it gets too long. */
export function comparison(
  { runs: named, missing }: NamedRuns,
  detail: CompareRunsRequest['detail'],
): RunComparison {
  const size = SIZES[detail];
  const texts = createTextCutter(size.value);
  const runs = named.map(({ run }) => run);
  const ground = commonGround(runs);
  const params = comparedParams(runs, texts);
  const answer: RunComparison = {
    runs: named.map(({ run, workflowId }) => ({
      run_id: run.runId,
      ...(workflowId !== undefined && { workflow_id: workflowId }),
      status: run.status,
    })),
    params: {},
    equal_params: params.equal,
    metrics: {},
    best: bestRuns(runs),
    same: ground,
    notes: fairnessNotes(runs, ground),
    missing: [...missing],
    truncated: false,
  };
  const room = createRoom(size.answer - tokensOf(answer));
  const { headlines, others } = comparedMetrics(runs);
  const first = room.fitting(headlines);
  const differing = room.fitting(params.differing);
  return {
    ...answer,
    metrics: Object.fromEntries([...first, ...room.fitting(others)]),
    params: Object.fromEntries(differing),
    truncated: texts.used || room.exceeded,
  };
}

function tooFew({ runs, missing }: NamedRuns): Failure {
  if (missing.length === 0) {
    return new Failure(
      'INVALID_REQUEST',
      'All run_ids name the same run.',
      'Give at least two different runs; mlflow_list_runs has them.',
    );
  }
  return new Failure(
    'RUN_NOT_FOUND',
    `Of run_ids ${runs.length === 0 ? 'none' : 'only one'} is known; missing: ${missing.join(', ')}.`,
    'mlflow_list_runs has the ids; a workflow that failed before its step open has no MLflow run.',
  );
}
