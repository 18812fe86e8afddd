import { z } from 'zod';

import { Failure } from '../../schemas/failure.ts';
import { emptyAnswer } from './answer-parts.ts';
import type { Experiments } from './find-experiments.ts';
import { mlflowErrorCode } from './mlflow-fault.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { orAborted } from './or-aborted.ts';
import type { CallOptions } from './tracking-types.ts';

const API = '/api/2.0/mlflow/experiments';
/**
 * Long enough to spare a burst of runs the look-up, short enough that an MLflow whose database was
 * replaced is not sent runs under ids that now mean something else.
 */
const REMEMBERED_MS = 10_000;
const REMEMBERED_NAMES = 1000;
/** What MLflow allows, and what its table holds (models.py, SqlExperiment.name): only SQLite has longer ones. */
const MAX_NAME_CHARACTERS = { known: 500, made: 256 };

const createdAnswer = z.object({ experiment_id: z.string().min(1) });

function checkName(name: string, most: number): void {
  if (name.trim() === '' || Array.from(name).length > most) {
    throw new Failure(
      'MLFLOW_REFUSED',
      'MLflow does not allow this experiment name.',
      `Use a name of 1 to ${MAX_NAME_CHARACTERS.made} characters.`,
    );
  }
}

/** The experiments that runs go to. `now` is a clock in ms that only ever goes forward. */
export function createExperiments(http: MlflowHttp, readers: Experiments, now: () => number) {
  const remembered = new Map<string, { id: Promise<string>; until: number }>();

  async function find(name: string): Promise<string | undefined> {
    const experiment = await readers.byName(name);
    if (experiment?.deleted) {
      throw new Failure(
        'MLFLOW_REFUSED',
        'The experiment was deleted in MLflow.',
        'Restore it in MLflow (mlflow experiments restore), or use another experiment name.',
      );
    }
    return experiment?.experimentId;
  }

  async function lookUpOrCreate(name: string): Promise<string> {
    const existing = await find(name);
    if (existing !== undefined) return existing;
    checkName(name, MAX_NAME_CHARACTERS.made);
    try {
      // No artifact_location: MLflow's permissions only work with its own. Safe to repeat, because
      // names are unique.
      const path = `${API}/create`;
      const call = { method: 'POST', path, json: { name }, repeatable: true } as const;
      return (await http.json(call, createdAnswer)).experiment_id;
    } catch (error) {
      if (mlflowErrorCode(error) !== 'RESOURCE_ALREADY_EXISTS') throw error;
      const created = await find(name);
      if (created === undefined) throw error;
      return created;
    }
  }

  return {
    async ensureExperiment(name: string, options: CallOptions = {}): Promise<string> {
      checkName(name, MAX_NAME_CHARACTERS.known);
      const known = remembered.get(name);
      if (known && known.until > now()) return orAborted(known.id, options.signal);
      if (remembered.size >= REMEMBERED_NAMES) remembered.clear();
      // Shared by all who ask meanwhile: so no single one of them can abort it.
      const id = lookUpOrCreate(name);
      const entry = { id, until: now() + REMEMBERED_MS };
      remembered.set(name, entry);
      id.catch(() => {
        if (remembered.get(name) === entry) remembered.delete(name);
      });
      return orAborted(id, options.signal);
    },

    /** To be called when MLflow no longer takes an id: the next look-up asks again. */
    forgetExperiments(): void {
      remembered.clear();
    },

    /** One small read, not repeated: the question is whether MLflow works now. */
    async readOne(signal: AbortSignal | undefined): Promise<void> {
      const path = `${API}/search?max_results=1`;
      const call = { method: 'GET', path, repeatable: false, timeoutMs: 5000, signal } as const;
      await http.json(call, emptyAnswer);
    },
  };
}
