import { Failure } from '../../schemas/failure.ts';
import { emptyAnswer } from './answer-parts.ts';
import type { FailureText } from './answer-table.ts';
import { datasetInputs } from './dataset-input.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { oneRunAnswer, runsAnswer } from './run-answers.ts';
import {
  cutText,
  MAX_RUN_NAME_CHARACTERS,
  MAX_TAG_CHARACTERS,
  MAX_USER_CHARACTERS,
  pairsOf,
  splitIntoBatches,
} from './run-data.ts';
import { runFilter, runOrder } from './run-query.ts';
import type { MlflowClient } from './tracking-types.ts';

const API = '/api/2.0/mlflow/runs';

export const RUN_MISSING: FailureText = {
  code: 'RUN_NOT_FOUND',
  message: 'MLflow has no run with this id.',
  hint: 'Check the run_id, and tracking_uri if the run is on another MLflow server.',
};

type RunMethods = Pick<
  MlflowClient,
  | 'getRun'
  | 'searchRuns'
  | 'createRun'
  | 'updateRun'
  | 'deleteRun'
  | 'logBatch'
  | 'setTags'
  | 'logInputs'
>;

/**
 * The runs of a server.
 * @param onExperimentRefused called when MLflow takes no run under an experiment's id
 */
export function createRuns(http: MlflowHttp, onExperimentRefused: () => void): RunMethods {
  /** A change to an existing run; MLflow takes all of them twice without harm. */
  async function change(path: string, json: unknown, signal?: AbortSignal): Promise<void> {
    const call = { method: 'POST', path, json, repeatable: true, signal } as const;
    await http.json({ ...call, missing: RUN_MISSING }, emptyAnswer);
  }

  const runs: RunMethods = {
    async getRun(runId, { signal } = {}) {
      const path = `${API}/get?run_id=${encodeURIComponent(runId)}`;
      const call = { method: 'GET', path, repeatable: true, missing: RUN_MISSING, signal } as const;
      return (await http.json(call, oneRunAnswer)).run;
    },

    async searchRuns(search, { signal } = {}) {
      const json = {
        experiment_ids: search.experimentIds,
        filter: runFilter(search.where ?? []),
        max_results: search.maxResults,
        order_by: search.orderBy?.map(runOrder),
        page_token: search.pageToken,
      };
      const path = `${API}/search`;
      const call = { method: 'POST', path, json, repeatable: true, signal } as const;
      const answer = await http.json(call, runsAnswer);
      return { runs: answer.runs, nextPageToken: answer.next_page_token };
    },

    async createRun(run, { signal } = {}) {
      const user = run.userId === undefined ? {} : { 'mlflow.user': run.userId };
      const json = {
        experiment_id: run.experimentId,
        run_name: cutText(run.runName, MAX_RUN_NAME_CHARACTERS),
        start_time: run.startTime,
        user_id: run.userId && cutText(run.userId, MAX_USER_CHARACTERS),
        tags: pairsOf({ ...user, ...run.tags }, MAX_TAG_CHARACTERS),
      };
      const path = `${API}/create`;
      const call = { method: 'POST', path, json, repeatable: false, signal } as const;
      try {
        return (await http.json(call, oneRunAnswer)).run;
      } catch (error) {
        if (error instanceof Failure && error.code === 'MLFLOW_REFUSED') onExperimentRefused();
        throw error;
      }
    },

    async updateRun({ runId, status, endTime }, { signal } = {}) {
      await change(`${API}/update`, { run_id: runId, status, end_time: endTime }, signal);
    },

    async deleteRun(runId, { signal } = {}) {
      await change(`${API}/delete`, { run_id: runId }, signal);
    },

    async logBatch(runId, data, { signal } = {}) {
      for (const batch of splitIntoBatches(data)) {
        await change(`${API}/log-batch`, { run_id: runId, ...batch }, signal);
      }
    },

    async setTags(runId, tags, options) {
      // set-tag takes one tag a request.
      await runs.logBatch(runId, { tags }, options);
    },

    async logInputs(runId, datasets, { modelIds, signal } = {}) {
      const json = {
        run_id: runId,
        datasets: datasetInputs(datasets),
        models: modelIds?.map((id) => ({ model_id: id })),
      };
      await change(`${API}/log-inputs`, json, signal);
    },
  };
  return runs;
}
