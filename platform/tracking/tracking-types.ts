import type { ArtifactEntry, ArtifactUpload } from './artifacts.ts';
import type { DatasetInput } from './dataset-input.ts';
import type { Experiments } from './find-experiments.ts';
import type { LoggedModels } from './logged-models.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { MetricPoint, RunData } from './run-data.ts';
import type { RunCondition, RunOrder } from './run-query.ts';

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A dataset as a run's inputs name it. */
interface TrackedDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** JSON, as are schema and profile; empty when there is none. */
  readonly source: string;
  readonly schema: string;
  readonly profile: string;
  /** What it was read for, e.g. `training`; empty when nobody said. */
  readonly context: string;
}

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
  readonly datasets: readonly TrackedDataset[];
  /** Ids of the LoggedModels that the run made. */
  readonly modelOutputs: readonly string[];
  /** Ids of the LoggedModels that it read; always empty in the results of a search. */
  readonly modelInputs: readonly string[];
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

export interface RunSearch {
  readonly experimentIds: readonly string[];
  /** All must hold. */
  readonly where?: readonly RunCondition[];
  /** 1 to 1000. */
  readonly maxResults: number;
  /** The latest start first, when nothing is said. */
  readonly orderBy?: readonly RunOrder[];
  readonly pageToken?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** One page of a list; `nextPageToken` is undefined on the last one. */
export interface Page {
  readonly nextPageToken: string | undefined;
}

/**
 * One MLflow tracking server. Every method may throw Failure MLFLOW_UNAVAILABLE (try later),
 * MLFLOW_DENIED or MLFLOW_REFUSED, and those that take a run id RUN_NOT_FOUND. All but those named
 * `create…` may be repeated without harm, and are, a few times, when MLflow fails for a moment.
 */
export interface MlflowClient {
  /** The server's address without credentials. */
  readonly url: string;
  readonly experiments: Experiments;
  /** LoggedModels, which only MLflow 3 has: see `supportsLoggedModels`. */
  readonly models: LoggedModels;
  readonly registry: ModelRegistry;
  /** Proves within five seconds that MLflow answers, reads its database and accepts us. */
  health(options?: CallOptions): Promise<void>;
  /** MLflow's version; null when the server does not tell. */
  version(options?: CallOptions): Promise<string | null>;
  /** False for servers before MLflow 3; asked once. */
  supportsLoggedModels(options?: CallOptions): Promise<boolean>;
  /** The id of the experiment of that name, created when there is none; remembered for seconds. */
  ensureExperiment(name: string, options?: CallOptions): Promise<string>;
  getRun(runId: string, options?: CallOptions): Promise<TrackedRun>;
  /** Up to 100 runs, in the order of their ids; `missing` are the ids that MLflow does not have. */
  getRuns(
    runIds: readonly string[],
    options?: CallOptions,
  ): Promise<{ runs: TrackedRun[]; missing: string[] }>;
  /** Active runs only. */
  searchRuns(search: RunSearch, options?: CallOptions): Promise<Page & { runs: TrackedRun[] }>;
  /**
   * All values of one metric, by time and step, at most `maxPoints` (default 100 000); none for a
   * run that does not exist.
   */
  metricHistory(
    runId: string,
    key: string,
    options?: CallOptions & { maxPoints?: number },
  ): Promise<MetricPoint[]>;
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
  /** Datasets, and ids of LoggedModels, that the run has read. */
  logInputs(
    runId: string,
    datasets: readonly DatasetInput[],
    options?: CallOptions & { modelIds?: readonly string[] },
  ): Promise<void>;
  /** What lies directly in the folder `path` (default: the top), sorted. */
  listArtifacts(runId: string, options?: CallOptions & { path?: string }): Promise<ArtifactEntry[]>;
  /**
   * The sizes in bytes of those of the files that exist, below a run's or a LoggedModel's
   * `artifactUri`: one request for each folder that the paths name.
   */
  artifactSizes(
    artifacts: { artifactUri: string; paths: readonly string[] },
    options?: CallOptions,
  ): Promise<Map<string, number>>;
  /**
   * Writes or replaces one artifact through MLflow's artifact proxy; a big file in parts, straight
   * to the store behind it, where MLflow offers that.
   */
  putArtifact(upload: ArtifactUpload, options?: CallOptions): Promise<void>;
  /** The paths of all files below a run's or a LoggedModel's `artifactUri`, sorted; none for a folder that is not there. */
  artifactsBelow(artifactUri: string, options?: CallOptions): Promise<string[]>;
  /** Takes one artifact away for good; one that is not there does no harm. */
  deleteArtifact(
    artifact: { artifactUri: string; path: string },
    options?: CallOptions,
  ): Promise<void>;
  /** One artifact as bytes; larger than `maxBytes` (default 32 MiB) is MLFLOW_REFUSED. */
  getArtifact(
    artifact: { artifactUri: string; path: string },
    options?: CallOptions & { maxBytes?: number },
  ): Promise<Buffer>;
}
