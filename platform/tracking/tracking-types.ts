import type { ArtifactEntry, ArtifactUpload } from './artifacts.ts';
import type { DatasetInput, RunData } from './run-data.ts';

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
type RunStatus = (typeof RUN_STATUSES)[number];

/** A run as MLflow holds it; of each metric the latest value. Times in ms since 1970. */
export interface TrackedRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly runName: string;
  readonly status: RunStatus;
  readonly deleted: boolean;
  readonly startTime: number | null;
  /** Stays at its old value when a run is reopened: MLflow cannot clear it. */
  readonly endTime: number | null;
  readonly artifactUri: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface NewRun {
  readonly experimentId: string;
  readonly runName: string;
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly userId?: string | undefined;
}

interface RunChange {
  readonly runId: string;
  readonly status?: RunStatus;
  readonly endTime?: number;
}

interface RunSearch {
  readonly experimentIds: readonly string[];
  /** In MLflow's filter language; see `tagEquals` for safe quoting. */
  readonly filter?: string | undefined;
  /** 1 to 1000. */
  readonly maxResults: number;
  readonly orderBy?: readonly string[];
  readonly pageToken?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * One MLflow tracking server. Every method may throw Failure MLFLOW_UNAVAILABLE (try later),
 * MLFLOW_DENIED or MLFLOW_REFUSED, and those that take a run id RUN_NOT_FOUND. All but `createRun`
 * may be repeated without harm, and are, a few times, when MLflow fails for a moment.
 */
export interface MlflowClient {
  /** The server's address without credentials. */
  readonly url: string;
  /** Proves within five seconds that MLflow answers, reads its database and accepts us. */
  health(options?: CallOptions): Promise<void>;
  /** MLflow's version; null when the server does not tell. */
  version(options?: CallOptions): Promise<string | null>;
  /** The id of the experiment of that name, created when there is none; remembered for seconds. */
  ensureExperiment(name: string, options?: CallOptions): Promise<string>;
  getRun(runId: string, options?: CallOptions): Promise<TrackedRun>;
  /** Active runs only. */
  searchRuns(
    search: RunSearch,
    options?: CallOptions,
  ): Promise<{ runs: TrackedRun[]; nextPageToken: string | undefined }>;
  /** Never repeated after an unclear failure: see `ensureRun`. */
  createRun(run: NewRun, options?: CallOptions): Promise<TrackedRun>;
  updateRun(change: RunChange, options?: CallOptions): Promise<void>;
  deleteRun(runId: string, options?: CallOptions): Promise<void>;
  /** Tags first, then params, then metrics, in as few requests as MLflow's limits allow. */
  logBatch(runId: string, data: RunData, options?: CallOptions): Promise<void>;
  setTags(
    runId: string,
    tags: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<void>;
  logInputs(runId: string, datasets: readonly DatasetInput[], options?: CallOptions): Promise<void>;
  /** What lies directly in the folder `path` (default: the top), sorted. */
  listArtifacts(runId: string, options?: CallOptions & { path?: string }): Promise<ArtifactEntry[]>;
  /** Writes or replaces one artifact through MLflow's artifact proxy. */
  putArtifact(upload: ArtifactUpload, options?: CallOptions): Promise<void>;
  /** One artifact as bytes; larger than `maxBytes` (default 32 MiB) is MLFLOW_REFUSED. */
  getArtifact(
    artifact: { artifactUri: string; path: string },
    options?: CallOptions & { maxBytes?: number },
  ): Promise<Buffer>;
}
