import { measuredHttp } from '../metrics/measured-http.ts';
import type { TrackingMetrics } from '../metrics/tracking-metrics.ts';
import { createArtifacts } from './artifacts.ts';
import { createArtifactEraser } from './erase-artifacts.ts';
import { createExperiments } from './experiments.ts';
import { createExperimentReaders } from './find-experiments.ts';
import { createLoggedModels } from './logged-models.ts';
import { mlflowStatus } from './mlflow-fault.ts';
import { createMlflowHttp } from './mlflow-http.ts';
import type { MlflowHttp, MlflowHttpOptions } from './mlflow-http.ts';
import { createModelRegistry } from './model-registry.ts';
import type { MultipartOptions } from './multipart-upload.ts';
import { createRunReaders } from './read-runs.ts';
import { createRuns } from './runs.ts';
import { createLoggedModelSupport } from './supports-logged-models.ts';
import type { MlflowClient } from './tracking-types.ts';

export type { MlflowClient } from './tracking-types.ts';

export interface MlflowClientOptions extends MlflowHttpOptions {
  /** A clock in ms that only goes forward; for how long experiment ids are remembered. */
  readonly now?: () => number;
  /** The folder behind the server's artifact proxy, where this process can write it. */
  readonly artifactsFolder?: string | undefined;
  /** When big files go to the store in parts. */
  readonly multipart?: MultipartOptions | undefined;
  /** Nothing is counted without them. */
  readonly metrics?: TrackingMetrics | undefined;
}

async function readVersion(http: MlflowHttp, signal?: AbortSignal): Promise<string | null> {
  const call = { method: 'GET', path: '/version', repeatable: true, signal } as const;
  try {
    const text = (await http.bytes({ ...call, maxBytes: 200 })).toString().trim();
    return /^\d[\w.+-]*$/.test(text) ? text : null;
  } catch (error) {
    if (mlflowStatus(error) === 404) return null;
    throw error;
  }
}

/** A client of one MLflow tracking server (3.x) over its REST API. */
export function createMlflowClient(options: MlflowClientOptions): MlflowClient {
  const http = measuredHttp(createMlflowHttp(options), options.metrics);
  const readers = createExperimentReaders(http);
  const experiments = createExperiments(http, readers, options.now ?? (() => performance.now()));
  const runs = createRuns(http, () => experiments.forgetExperiments());

  return {
    url: http.url,
    experiments: readers,
    models: createLoggedModels(http, runs.getRun),
    registry: createModelRegistry(http),
    health: ({ signal } = {}) => experiments.readOne(signal),
    version: ({ signal } = {}) => readVersion(http, signal),
    supportsLoggedModels: createLoggedModelSupport(http),
    ensureExperiment: (name, callOptions) => experiments.ensureExperiment(name, callOptions),
    ...runs,
    ...createRunReaders(http, runs.getRun),
    ...createArtifactEraser(http),
    ...createArtifacts(http, { folder: options.artifactsFolder, multipart: options.multipart }),
  };
}
