import { z } from 'zod';

import { double, pageToken, pairs } from './answer-parts.ts';
import { RUN_STATUSES } from './tracking-types.ts';
import type { TrackedRun } from './tracking-types.ts';

const CONTEXT_TAG = 'mlflow.data.context';

const datasetAnswer = z
  .object({
    tags: pairs,
    dataset: z.object({
      name: z.string().default(''),
      digest: z.string().default(''),
      source_type: z.string().default(''),
      source: z.string().default(''),
      schema: z.string().default(''),
      profile: z.string().default(''),
    }),
  })
  .transform(({ tags, dataset: { source_type: sourceType, ...dataset } }) => ({
    ...dataset,
    sourceType,
    context: tags[CONTEXT_TAG] ?? '',
  }));
const modelIds = z.array(z.object({ model_id: z.string() })).default([]);
const idsOf = (models: z.infer<typeof modelIds>) => models.map(({ model_id: id }) => id);

/** A run in MLflow's JSON, which leaves out every field that is empty. */
const runAnswer = z
  .object({
    info: z.object({
      run_id: z.string().min(1),
      experiment_id: z.string(),
      run_name: z.string().default(''),
      status: z.enum(RUN_STATUSES).default('RUNNING'),
      lifecycle_stage: z.string().default('active'),
      start_time: z.number().nullable().default(null),
      end_time: z.number().nullable().default(null),
      artifact_uri: z.string().default(''),
    }),
    data: z
      .object({
        metrics: z.array(z.object({ key: z.string(), value: double.default(0) })).default([]),
        params: pairs,
        tags: pairs,
      })
      .prefault({}),
    inputs: z
      .object({ dataset_inputs: z.array(datasetAnswer).default([]), model_inputs: modelIds })
      .prefault({}),
    outputs: z.object({ model_outputs: modelIds }).prefault({}),
  })
  .transform(({ info, data, inputs, outputs }): TrackedRun => {
    return {
      runId: info.run_id,
      experimentId: info.experiment_id,
      runName: info.run_name,
      status: info.status,
      deleted: info.lifecycle_stage === 'deleted',
      startTime: info.start_time,
      endTime: info.end_time,
      artifactUri: info.artifact_uri,
      metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
      params: data.params,
      tags: data.tags,
      datasets: inputs.dataset_inputs,
      modelInputs: idsOf(inputs.model_inputs),
      modelOutputs: idsOf(outputs.model_outputs),
    };
  });

export const oneRunAnswer = z.object({ run: runAnswer });
export const runsAnswer = z.object({
  runs: z.array(runAnswer).default([]),
  next_page_token: pageToken,
});

export const historyAnswer = z.object({
  metrics: z
    .array(
      z.object({
        value: double.default(0),
        timestamp: z.number().default(0),
        step: z.number().default(0),
      }),
    )
    .default([]),
  next_page_token: pageToken,
});
