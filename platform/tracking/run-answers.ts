import { z } from 'zod';

import { RUN_STATUSES } from './tracking-types.ts';
import type { TrackedRun } from './tracking-types.ts';

/** MLflow writes a double that JSON cannot hold as text. */
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((entries) => Object.fromEntries(entries.map(({ key, value }) => [key, value])));

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
  })
  .transform(({ info, data }): TrackedRun => {
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
    };
  });

export const oneRunAnswer = z.object({ run: runAnswer });
export const runsAnswer = z.object({
  runs: z.array(runAnswer).default([]),
  next_page_token: z.string().optional(),
});

/** An answer that says no more than that it worked. */
export const emptyAnswer = z.object({});
