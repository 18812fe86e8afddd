import type { MlflowHttp } from './mlflow-http.ts';
import { createModelVersions } from './model-versions.ts';
import { createRegisteredModels } from './registered-models.ts';
import type { ModelVersion, RegisteredModel } from './registry-answers.ts';
import type { CallOptions, Page } from './tracking-types.ts';

export interface NewRegisteredModel {
  /** 1 to 256 characters; see `checkRegisteredName`. */
  readonly name: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface NewModelVersion {
  readonly name: string;
  readonly runId: string;
  /** The LoggedModel's. */
  readonly modelId: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface PageOf {
  /** 1 to 1000. */
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}

interface VersionName {
  readonly name: string;
  readonly version: number;
}

/**
 * MLflow's model registry. Besides what MlflowClient says, methods throw MODEL_NAME_INVALID for a
 * name or alias that cannot be, and MODEL_NOT_FOUND for a model or version that is not there.
 */
export interface ModelRegistry {
  /** Null when there is none. */
  find(name: string, options?: CallOptions): Promise<RegisteredModel | null>;
  /** Fails when it exists, with MLflow's error code RESOURCE_ALREADY_EXISTS: see `ensureRegisteredModel`. */
  create(model: NewRegisteredModel, options?: CallOptions): Promise<RegisteredModel>;
  /** Sorted by name. */
  list(
    page: PageOf & { nameContains?: string | undefined },
    options?: CallOptions,
  ): Promise<Page & { models: RegisteredModel[] }>;
  /** Never repeated after an unclear failure: see `ensureModelVersion`. */
  createVersion(version: NewModelVersion, options?: CallOptions): Promise<ModelVersion>;
  getVersion(version: VersionName, options?: CallOptions): Promise<ModelVersion>;
  /** The latest first. */
  listVersions(
    page: PageOf & { name: string },
    options?: CallOptions,
  ): Promise<Page & { versions: ModelVersion[] }>;
  /** The versions, of all models, that came from a run; the earliest first. */
  versionsOfRun(runId: string, options?: CallOptions): Promise<ModelVersion[]>;
  /** One request for each tag. */
  setVersionTags(
    version: VersionName,
    tags: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<void>;
  deleteVersion(version: VersionName, options?: CallOptions): Promise<void>;
  /** Lets the alias stand for that version, and for no other. */
  setAlias(alias: VersionName & { alias: string }, options?: CallOptions): Promise<void>;
  deleteAlias(alias: { name: string; alias: string }, options?: CallOptions): Promise<void>;
  /** Null when the model does not exist, or has no such alias. */
  versionByAlias(
    alias: { name: string; alias: string },
    options?: CallOptions,
  ): Promise<ModelVersion | null>;
}

/** The model registry of a server. */
export function createModelRegistry(http: MlflowHttp): ModelRegistry {
  const models = createRegisteredModels(http);
  return { ...models, ...createModelVersions(http, models.find) };
}
