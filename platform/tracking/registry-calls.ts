import type { FailureText } from './answer-table.ts';
import { mlflowErrorCode } from './mlflow-fault.ts';
import type { MlflowCall } from './mlflow-http.ts';

export const MODELS = '/api/2.0/mlflow/registered-models';
export const VERSIONS = '/api/2.0/mlflow/model-versions';
/** The width of MLflow's columns for descriptions, and for tags of registered models. */
export const MAX_TEXT = 5000;

const MISSING: FailureText = {
  code: 'MODEL_NOT_FOUND',
  message: 'MLflow’s registry has no such model or version.',
  hint: 'List the registered models and their versions to see which there are.',
};

/** True when the registry does not have what was asked for. */
export function isMissing(error: unknown): boolean {
  return mlflowErrorCode(error) === 'RESOURCE_DOES_NOT_EXIST';
}

/** A question to the registry. */
export function ask(
  path: string,
  values: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): MlflowCall {
  const query = new URLSearchParams(values).toString();
  return { method: 'GET', path: `${path}?${query}`, repeatable: true, missing: MISSING, signal };
}

/** A change of the registry that does no harm twice. */
export function change(
  method: MlflowCall['method'],
  path: string,
  json: unknown,
  signal?: AbortSignal,
): MlflowCall {
  return { method, path, json, repeatable: true, missing: MISSING, signal };
}

/** A page of a list, as a query. */
export function pageQuery(page: {
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}): Record<string, string> {
  const size = { max_results: String(page.maxResults) };
  return page.pageToken === undefined ? size : { ...size, page_token: page.pageToken };
}
