import { Failure } from '../../schemas/failure.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { historyAnswer } from './run-answers.ts';
import type { MetricPoint } from './run-data.ts';
import type { MlflowClient, TrackedRun } from './tracking-types.ts';

const MAX_RUNS = 100;
const MAX_POINTS = 100_000;
/** MLflow's own limit is 25 000 for some stores, and nothing for others. */
const PAGE = 25_000;

/** Reading several runs, and the course of one metric. */
export function createRunReaders(
  http: MlflowHttp,
  getRun: MlflowClient['getRun'],
): Pick<MlflowClient, 'getRuns' | 'metricHistory'> {
  async function runOrMissing(runId: string, signal?: AbortSignal): Promise<TrackedRun | string> {
    return getRun(runId, { signal }).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'RUN_NOT_FOUND') return runId;
      throw error;
    });
  }

  return {
    async getRuns(runIds, { signal } = {}) {
      if (runIds.length > MAX_RUNS) {
        throw new Failure(
          'INVALID_REQUEST',
          `No more than ${MAX_RUNS} runs can be read at once.`,
          'Name fewer runs.',
        );
      }
      const found = await Promise.all(runIds.map((runId) => runOrMissing(runId, signal)));
      return {
        runs: found.filter((run) => typeof run !== 'string'),
        missing: found.filter((run) => typeof run === 'string'),
      };
    },

    async metricHistory(runId, key, { maxPoints = MAX_POINTS, signal } = {}) {
      const points: MetricPoint[] = [];
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ run_id: runId, metric_key: key });
        query.set('max_results', String(Math.min(PAGE, maxPoints - points.length)));
        if (token !== undefined) query.set('page_token', token);
        const path = `/api/2.0/mlflow/metrics/get-history?${query.toString()}`;
        const call = { method: 'GET', path, repeatable: true, signal } as const;
        const page = await http.json(call, historyAnswer);
        points.push(...page.metrics);
        token = page.next_page_token;
      } while (token !== undefined && points.length < maxPoints);
      return points;
    },
  };
}
