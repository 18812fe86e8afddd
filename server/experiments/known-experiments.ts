import { likelyMeant } from '../../platform/spelling.ts';
import { Failure } from '../../schemas/failure.ts';
import type { RunReader } from './tenant-runs.ts';

const PAGE = 1000;
/** Beyond these a caller has to name the experiment. */
const MOST_EXPERIMENTS = 5000;
/** The default tenant's stand among everybody's: MLflow can't leave the others out. */
const MOST_PAGES = 50;

/** Names by id. */
export interface KnownExperiments {
  readonly names: ReadonlyMap<string, string>;
  /** False when the server has more than are looked at. */
  readonly complete: boolean;
}

/** The active experiments of a server, at most 5000. */
export async function everyExperiment(client: RunReader): Promise<KnownExperiments> {
  const names = new Map<string, string>();
  let pageToken: string | undefined;
  for (let page = 0; page < MOST_PAGES && names.size < MOST_EXPERIMENTS; page += 1) {
    const answer = await client.experiments.search({ maxResults: PAGE, pageToken });
    for (const { experimentId, name } of answer.experiments) names.set(experimentId, name);
    pageToken = answer.nextPageToken;
    if (pageToken === undefined) break;
  }
  return { names, complete: pageToken === undefined };
}

/** The experiment of exactly this name. @throws Failure EXPERIMENT_NOT_FOUND, with names that are close */
export async function experimentNamed(client: RunReader, name: string): Promise<KnownExperiments> {
  const found = await client.experiments.byName(name);
  if (found?.deleted) {
    throw new Failure(
      'EXPERIMENT_NOT_FOUND',
      'The experiment of this experiment_name was deleted in MLflow.',
      'Restore it in MLflow (mlflow experiments restore), or name another.',
    );
  }
  if (found) return { names: new Map([[found.experimentId, name]]), complete: true };
  const { experiments } = await client.experiments.search({ maxResults: PAGE });
  const close = likelyMeant(
    name,
    experiments.map((experiment) => experiment.name),
  );
  throw new Failure(
    'EXPERIMENT_NOT_FOUND',
    'MLflow has no experiment of this experiment_name.',
    close.length > 0
      ? `Did you mean ${close.map((candidate) => `“${candidate}”`).join(', ')}?`
      : 'Names are case-sensitive; leave experiment_name out to list the runs of all experiments.',
  );
}
