import { emptyAnswer } from './answer-parts.ts';
import type { FailureText } from './answer-table.ts';
import { quoted } from './filter-text.ts';
import { modelsAnswer, oneModelAnswer } from './logged-model-answers.ts';
import type { LoggedModel } from './logged-model-answers.ts';
import { mayHaveTakenEffect, mlflowErrorCode } from './mlflow-fault.ts';
import type { MlflowCall, MlflowHttp } from './mlflow-http.ts';
import { checkLoggedModelName } from './model-names.ts';
import { MAX_PARAM_CHARACTERS, MAX_TAG_CHARACTERS, pairsOf } from './run-data.ts';
import { RUN_MISSING } from './runs.ts';
import type { CallOptions, MlflowClient } from './tracking-types.ts';

const API = '/api/2.0/mlflow/logged-models';
/** As MLflow's own client: the finalize request takes no names (LoggedModelStatus in service.proto). */
const STATUS_NUMBERS = { READY: 2, FAILED: 3 } as const;
/** A run that made more models of one name than this would have had as many attempts. */
const MAX_OF_RUN = 200;

export interface NewLoggedModel {
  readonly experimentId: string;
  /** 1 to 500 characters without `/ : . % " '`. In `runs:/<run>/<name>` this is the name. */
  readonly name: string;
  /** The run that makes it. */
  readonly runId: string;
  /** Free text, e.g. `classifier`. */
  readonly modelType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * The LoggedModels of MLflow 3. Besides what MlflowClient says, methods throw MODEL_NOT_FOUND for
 * an id that does not exist, and MLFLOW_REFUSED when the server is older.
 */
export interface LoggedModels {
  /** PENDING. Never repeated after an unclear failure: see `ensureLoggedModel`. */
  create(model: NewLoggedModel, options?: CallOptions): Promise<LoggedModel>;
  get(modelId: string, options?: CallOptions): Promise<LoggedModel>;
  /** What a run has made under a name, the earliest first; deleted ones are not among them. */
  madeBy(
    run: { experimentId: string; runId: string; name: string },
    options?: CallOptions,
  ): Promise<LoggedModel[]>;
  finalize(
    modelId: string,
    status: keyof typeof STATUS_NUMBERS,
    options?: CallOptions,
  ): Promise<LoggedModel>;
  /** Adds the tags; those that exist get the new value. */
  setTags(
    modelId: string,
    tags: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<void>;
  /** Shows the model as what the run made (`runs/outputs`). */
  linkToRun(
    link: { modelId: string; runId: string; step?: number },
    options?: CallOptions,
  ): Promise<void>;
  /** Hides a model; its files stay until MLflow's garbage collection. */
  delete(modelId: string, options?: CallOptions): Promise<void>;
}

const MODEL_MISSING: FailureText = {
  code: 'MODEL_NOT_FOUND',
  message: 'MLflow has no model with this id.',
  hint: 'Look in MLflow whether it was deleted, then log the run again.',
};
/** For servers that know no such request. */
export const NO_LOGGED_MODELS: FailureText = {
  code: 'MLFLOW_REFUSED',
  message: 'This MLflow is older than version 3 and keeps no models of their own.',
  hint: 'Upgrade the MLflow server to version 3, or leave out what needs it.',
};

export function createLoggedModels(http: MlflowHttp, getRun: MlflowClient['getRun']): LoggedModels {
  const common = { missing: MODEL_MISSING, unsupported: NO_LOGGED_MODELS } as const;

  function request(
    method: MlflowCall['method'],
    modelId: string,
    { json, signal }: { json?: unknown; signal?: AbortSignal | undefined },
  ): MlflowCall {
    const path = `${API}/${encodeURIComponent(modelId)}`;
    return { ...common, method, path, json, repeatable: true, signal };
  }

  return {
    async create(model, { signal } = {}) {
      checkLoggedModelName(model.name);
      const json = {
        experiment_id: model.experimentId,
        name: model.name,
        model_type: model.modelType,
        source_run_id: model.runId,
        tags: pairsOf(model.tags ?? {}, MAX_TAG_CHARACTERS),
        params: pairsOf(model.params ?? {}, MAX_PARAM_CHARACTERS),
      };
      const call = { method: 'POST', path: API, json, repeatable: false, signal } as const;
      return (await http.json({ ...call, unsupported: NO_LOGGED_MODELS }, oneModelAnswer)).model;
    },

    async get(modelId, { signal } = {}) {
      return (await http.json(request('GET', modelId, { signal }), oneModelAnswer)).model;
    },

    async madeBy({ experimentId, runId, name }, { signal } = {}) {
      checkLoggedModelName(name);
      const json = {
        experiment_ids: [experimentId],
        filter: `name = ${quoted(name)} AND source_run_id = ${quoted(runId)}`,
        max_results: MAX_OF_RUN,
      };
      const path = `${API}/search`;
      const call = { ...common, method: 'POST', path, json, repeatable: true, signal } as const;
      const { models } = await http.json(call, modelsAnswer);
      return models.toSorted(
        (a, b) => a.createdAt - b.createdAt || (a.modelId < b.modelId ? -1 : 1),
      );
    },

    async finalize(modelId, status, { signal } = {}) {
      const json = { model_id: modelId, status: STATUS_NUMBERS[status] };
      const call = request('PATCH', modelId, { json, signal });
      return (await http.json(call, oneModelAnswer)).model;
    },

    async setTags(modelId, tags, { signal } = {}) {
      const json = { tags: pairsOf(tags, MAX_TAG_CHARACTERS) };
      const call = request('PATCH', modelId, { json, signal });
      await http.json({ ...call, path: `${call.path}/tags` }, emptyAnswer);
    },

    async linkToRun({ modelId, runId, step = 0 }, { signal } = {}) {
      const json = { run_id: runId, models: [{ model_id: modelId, step }] };
      const path = '/api/2.0/mlflow/runs/outputs';
      // Not repeated: a second time it hurts a constraint of MLflow's database.
      const call = { method: 'POST', path, json, repeatable: false, signal } as const;
      try {
        const texts = { missing: RUN_MISSING, unsupported: NO_LOGGED_MODELS };
        await http.json({ ...call, ...texts }, emptyAnswer);
      } catch (error) {
        if (signal?.aborted || !mayHaveTakenEffect(error)) throw error;
        const { modelOutputs } = await getRun(runId, { signal });
        if (!modelOutputs.includes(modelId)) throw error;
      }
    },

    async delete(modelId, { signal } = {}) {
      await http
        .json(request('DELETE', modelId, { signal }), emptyAnswer)
        .catch((error: unknown) => {
          if (mlflowErrorCode(error) !== 'RESOURCE_DOES_NOT_EXIST') throw error;
        });
    },
  };
}
