import { createArtifacts } from './artifacts.ts';
import { createExperiments } from './experiments.ts';
import { mlflowStatus } from './mlflow-fault.ts';
import { createMlflowHttp } from './mlflow-http.ts';
import type { MlflowHttpOptions } from './mlflow-http.ts';
import { createRuns } from './runs.ts';
import type { MlflowClient } from './tracking-types.ts';

export type { MlflowClient } from './tracking-types.ts';

export interface MlflowClientOptions extends MlflowHttpOptions {
  /** A clock in ms that only goes forward; for how long experiment ids are remembered. */
  readonly now?: () => number;
  /** The folder behind the server's artifact proxy, where this process can write it. */
  readonly artifactsFolder?: string | undefined;
}

/** A client of one MLflow tracking server (3.x) over its REST API. It holds no connection open. */
export function createMlflowClient(options: MlflowClientOptions): MlflowClient {
  const http = createMlflowHttp(options);
  const experiments = createExperiments(http, options.now ?? (() => performance.now()));

  return {
    url: http.url,
    health: ({ signal } = {}) => experiments.readOne(signal),
    async version({ signal } = {}) {
      const call = { method: 'GET', path: '/version', repeatable: true, signal } as const;
      try {
        const text = (await http.bytes({ ...call, maxBytes: 200 })).toString().trim();
        return /^\d[\w.+-]*$/.test(text) ? text : null;
      } catch (error) {
        if (mlflowStatus(error) === 404) return null;
        throw error;
      }
    },
    ensureExperiment: (name, callOptions) => experiments.ensureExperiment(name, callOptions),
    ...createRuns(http, () => experiments.forgetExperiments()),
    ...createArtifacts(http, options.artifactsFolder),
  };
}
