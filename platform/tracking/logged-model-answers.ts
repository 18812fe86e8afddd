import { z } from 'zod';

import { double, pageToken, pairs } from './answer-parts.ts';

/** A model may be used when it is READY; FAILED is final, too. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'FAILED';

/** What was measured of a model, and on which dataset (null when nobody said). */
interface ModelMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

/** A LoggedModel as MLflow holds it; times in ms since 1970. */
export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: LoggedModelStatus;
  /** Where its files belong: MLmodel and the rest directly below. */
  readonly artifactUri: string;
  readonly modelType: string;
  /** The run that made it; empty when none did. */
  readonly sourceRunId: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly ModelMetric[];
}

const STATUSES: Readonly<Record<string, LoggedModelStatus>> = {
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'FAILED',
};

const metricAnswer = z
  .object({
    key: z.string(),
    value: double.default(0),
    timestamp: z.number().default(0),
    step: z.number().default(0),
    run_id: z.string().default(''),
    dataset_name: z.string().nullable().default(null),
    dataset_digest: z.string().nullable().default(null),
  })
  .transform(({ run_id, dataset_name, dataset_digest, ...metric }): ModelMetric => {
    return { ...metric, runId: run_id, datasetName: dataset_name, datasetDigest: dataset_digest };
  });

const modelAnswer = z
  .object({
    info: z.object({
      model_id: z.string().min(1),
      experiment_id: z.string(),
      name: z.string().default(''),
      status: z.string().default(''),
      artifact_uri: z.string().default(''),
      model_type: z.string().default(''),
      source_run_id: z.string().default(''),
      creation_timestamp_ms: z.number().default(0),
      tags: pairs,
    }),
    data: z.object({ params: pairs, metrics: z.array(metricAnswer).default([]) }).prefault({}),
  })
  .transform(({ info, data }): LoggedModel => {
    return {
      modelId: info.model_id,
      experimentId: info.experiment_id,
      name: info.name,
      status: STATUSES[info.status] ?? 'PENDING',
      artifactUri: info.artifact_uri,
      modelType: info.model_type,
      sourceRunId: info.source_run_id,
      createdAt: info.creation_timestamp_ms,
      tags: info.tags,
      params: data.params,
      metrics: data.metrics,
    };
  });

export const oneModelAnswer = z.object({ model: modelAnswer });
export const modelsAnswer = z.object({
  models: z.array(modelAnswer).default([]),
  next_page_token: pageToken,
});
