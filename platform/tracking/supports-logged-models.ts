import { NO_LOGGED_MODELS } from './logged-models.ts';
import { modelsAnswer } from './logged-model-answers.ts';
import { mlflowErrorCode, mlflowStatus } from './mlflow-fault.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import type { MlflowClient } from './tracking-types.ts';

/** Long enough to spare the question, short enough that an upgraded server is noticed. */
const REMEMBERED_MS = 60_000;

/** Asks by using them: managed servers do not tell their version. */
export function createLoggedModelSupport(http: MlflowHttp): MlflowClient['supportsLoggedModels'] {
  let known: { readonly supported: boolean; readonly until: number } | undefined;

  return async ({ signal } = {}) => {
    if (known && (known.supported || known.until > performance.now())) return known.supported;
    const json = { experiment_ids: ['0'], max_results: 1 };
    const path = '/api/2.0/mlflow/logged-models/search';
    const call = { method: 'POST', path, json, repeatable: true, signal } as const;
    const supported = await http
      .json({ ...call, unsupported: NO_LOGGED_MODELS }, modelsAnswer)
      .then(
        () => true,
        (error: unknown) => {
          const unknown = [404, 405].includes(mlflowStatus(error) ?? 0);
          if (unknown && mlflowErrorCode(error) !== 'RESOURCE_DOES_NOT_EXIST') return false;
          throw error;
        },
      );
    known = { supported, until: performance.now() + REMEMBERED_MS };
    return supported;
  };
}
