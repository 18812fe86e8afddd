import { z } from 'zod';

import { pageToken, pairs } from './answer-parts.ts';
import type { FailureText } from './answer-table.ts';
import { quoted } from './filter-text.ts';
import { mlflowErrorCode } from './mlflow-fault.ts';
import type { MlflowCall, MlflowHttp } from './mlflow-http.ts';
import type { CallOptions, Page } from './tracking-types.ts';

const API = '/api/2.0/mlflow/experiments';

/** An experiment as MLflow holds it; times in ms since 1970. */
export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly deleted: boolean;
  readonly artifactLocation: string;
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ExperimentSearch {
  /** A part of the name; upper and lower case are the same. */
  readonly nameContains?: string | undefined;
  /** How the name begins; `_` stands for any character. */
  readonly nameBegins?: string | undefined;
  /** 1 to 1000. */
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}

/** Look-ups of experiments; all may throw as MlflowClient says. */
export interface Experiments {
  /** @throws Failure EXPERIMENT_NOT_FOUND */
  get(experimentId: string, options?: CallOptions): Promise<Experiment>;
  /** Null when there is none of exactly this name; a deleted one is found, too. */
  byName(name: string, options?: CallOptions): Promise<Experiment | null>;
  /** Active experiments, the latest changed first. */
  search(
    search: ExperimentSearch,
    options?: CallOptions,
  ): Promise<Page & { experiments: Experiment[] }>;
}

const experimentShape = z
  .object({
    experiment_id: z.string().min(1),
    name: z.string().default(''),
    lifecycle_stage: z.string().default('active'),
    artifact_location: z.string().default(''),
    creation_time: z.number().nullable().default(null),
    last_update_time: z.number().nullable().default(null),
    tags: pairs,
  })
  .transform((experiment): Experiment => {
    return {
      experimentId: experiment.experiment_id,
      name: experiment.name,
      deleted: experiment.lifecycle_stage === 'deleted',
      artifactLocation: experiment.artifact_location,
      createdAt: experiment.creation_time,
      updatedAt: experiment.last_update_time,
      tags: experiment.tags,
    };
  });
const oneExperiment = z.object({ experiment: experimentShape });
const experimentList = z.object({
  experiments: z.array(experimentShape).default([]),
  next_page_token: pageToken,
});

const EXPERIMENT_MISSING: FailureText = {
  code: 'EXPERIMENT_NOT_FOUND',
  message: 'MLflow has no such experiment.',
  hint: 'List the experiments to see which there are; names are case-sensitive.',
};

/** Reads experiments of a server. */
export function createExperimentReaders(http: MlflowHttp): Experiments {
  const read = (path: string, signal?: AbortSignal): MlflowCall => {
    return { method: 'GET', path: API + path, repeatable: true, signal };
  };

  return {
    async get(experimentId, { signal } = {}) {
      const path = `/get?experiment_id=${encodeURIComponent(experimentId)}`;
      const call = { ...read(path, signal), missing: EXPERIMENT_MISSING };
      return (await http.json(call, oneExperiment)).experiment;
    },

    async byName(name, { signal } = {}) {
      const path = `/get-by-name?experiment_name=${encodeURIComponent(name)}`;
      try {
        return (await http.json(read(path, signal), oneExperiment)).experiment;
      } catch (error) {
        if (mlflowErrorCode(error) === 'RESOURCE_DOES_NOT_EXIST') return null;
        throw error;
      }
    },

    async search({ nameContains, nameBegins, ...page }, { signal } = {}) {
      const { maxResults, pageToken: token } = page;
      const conditions = [
        ...(nameContains === undefined ? [] : [`name ILIKE ${quoted(`%${nameContains}%`)}`]),
        ...(nameBegins === undefined ? [] : [`name LIKE ${quoted(`${nameBegins}%`)}`]),
      ];
      const json = {
        filter: conditions.length === 0 ? undefined : conditions.join(' AND '),
        max_results: maxResults,
        order_by: ['last_update_time DESC'],
        page_token: token,
      };
      const call = { method: 'POST', path: `${API}/search`, json, repeatable: true } as const;
      const answer = await http.json({ ...call, signal }, experimentList);
      return { experiments: answer.experiments, nextPageToken: answer.next_page_token };
    },
  };
}
