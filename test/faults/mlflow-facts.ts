import type { Installation } from './installation.ts';

/** What MLflow holds of a run that is the same for the same request and data, whenever it was made. */
export interface RunFacts {
  readonly params: readonly string[];
  /** Quality metrics with their values, and how many points each other one has. */
  readonly metrics: readonly string[];
  readonly hashes: readonly (string | undefined)[];
  readonly artifacts: readonly string[];
  readonly versions: number;
}

interface Run {
  readonly info: { readonly artifact_uri: string };
  readonly data: {
    readonly params?: { key: string; value: string }[];
    readonly metrics?: { key: string; value: number }[];
    readonly tags?: { key: string; value: string }[];
  };
}

/** Asks MLflow itself, past every fault; once more while it is being started again. */
export async function ask<T>(stage: Installation, path: string, body?: object): Promise<T> {
  const address = `${stage.mlflow}/api/2.0/mlflow/${path}`;
  const init = body && {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json' },
  };
  const response = await fetch(address, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function runFacts(stage: Installation, runId: string): Promise<RunFacts> {
  const { run } = await ask<{ run: Run }>(stage, `runs/get?run_id=${runId}`);
  const { params = [], metrics = [], tags = [] } = run.data;
  const tag = (name: string) => tags.find(({ key }) => key === name)?.value;
  const points = await Promise.all(
    metrics.map(async ({ key, value }) => {
      const query = `metric_key=${encodeURIComponent(key)}&run_id=${runId}`;
      const history = await ask<{ metrics?: unknown[] }>(stage, `metrics/get-history?${query}`);
      const shown = key.includes('/') ? '' : ` = ${value}`;
      return `${key}${shown}, ${history.metrics?.length} point(s)`;
    }),
  );
  const { files = [] } = await ask<{ files?: { path: string }[] }>(
    stage,
    `artifacts/list?run_id=${runId}`,
  );
  const { model_versions = [] } = await ask<{ model_versions?: unknown[] }>(
    stage,
    `model-versions/search?filter=${encodeURIComponent(`run_id='${runId}'`)}`,
  );
  return {
    params: params.map(({ key, value }) => `${key} = ${value}`).sort(),
    metrics: points.sort(),
    hashes: ['model.sha256', 'split.sha256'].map(tag),
    artifacts: files.map(({ path }) => path).sort(),
    versions: model_versions.length,
  };
}
