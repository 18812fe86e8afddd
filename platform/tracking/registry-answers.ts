import { z } from 'zod';

import { pageToken, pairs } from './answer-parts.ts';

/** A version of a registered model as MLflow holds it; times in ms since 1970. */
export interface ModelVersion {
  readonly name: string;
  readonly version: number;
  /** The run and the LoggedModel that it came from; null when MLflow does not tell. */
  readonly runId: string | null;
  readonly modelId: string | null;
  readonly source: string;
  readonly description: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Empty in the results of a list. */
  readonly aliases: readonly string[];
}

export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The version that each alias stands for. */
  readonly aliases: Readonly<Record<string, number>>;
}

const version = z.coerce.number().int().positive();
/** The id in `models:/m-…`, which is how a version refers to a LoggedModel. */
const MODEL_SOURCE = /^models:\/(m-[^/?#]+)$/;

const versionAnswer = z
  .object({
    name: z.string(),
    version,
    run_id: z.string().default(''),
    model_id: z.string().default(''),
    source: z.string().default(''),
    description: z.string().default(''),
    creation_timestamp: z.number().default(0),
    tags: pairs,
    aliases: z.array(z.string()).default([]),
  })
  .transform(({ run_id, model_id, creation_timestamp, ...entry }): ModelVersion => {
    return {
      ...entry,
      runId: run_id || null,
      modelId: model_id || (MODEL_SOURCE.exec(entry.source)?.[1] ?? null),
      createdAt: creation_timestamp,
    };
  });

const modelAnswer = z
  .object({
    name: z.string(),
    description: z.string().default(''),
    creation_timestamp: z.number().default(0),
    last_updated_timestamp: z.number().default(0),
    tags: pairs,
    aliases: z.array(z.object({ alias: z.string(), version })).default([]),
  })
  .transform(
    ({ creation_timestamp, last_updated_timestamp, aliases, ...model }): RegisteredModel => {
      return {
        ...model,
        createdAt: creation_timestamp,
        updatedAt: last_updated_timestamp,
        aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
      };
    },
  );

export const oneVersionAnswer = z.object({ model_version: versionAnswer });
export const versionsAnswer = z.object({
  model_versions: z.array(versionAnswer).default([]),
  next_page_token: pageToken,
});
export const oneRegisteredAnswer = z.object({ registered_model: modelAnswer });
export const registeredAnswer = z.object({
  registered_models: z.array(modelAnswer).default([]),
  next_page_token: pageToken,
});
