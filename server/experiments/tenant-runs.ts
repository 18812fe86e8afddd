import { RUN_MISSING } from '../../platform/tracking/runs.ts';
import type { MlflowClient, TrackedRun } from '../../platform/tracking/tracking-types.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import { TAGS } from '../../schemas/names.ts';
import type { Tenancy } from './tenancy.ts';

/** What the server reads of MLflow. */
export type RunReader = Pick<
  MlflowClient,
  'getRun' | 'getRuns' | 'searchRuns' | 'listArtifacts' | 'getArtifact'
> & { readonly experiments: Pick<MlflowClient['experiments'], 'byName' | 'search'> };

/**
 * An MLflow in which there is nothing but one tenant's: another's runs and experiments are missing
 * there as if they did not exist, and experiments have the tenant's own names.
 */
export function tenantRuns(
  client: RunReader,
  tenancy: Tenancy,
  searching: <T>(search: () => Promise<T>) => Promise<T> = (search) => search(),
): RunReader {
  const owned = (runs: readonly TrackedRun[]): TrackedRun[] =>
    runs.filter(({ tags }) => tenancy.ownsRun(tags) && ownWorkflow(tags, tenancy));
  return {
    async getRun(runId, options) {
      const [run] = owned([await client.getRun(runId, options)]);
      if (run) return run;
      throw new Failure(RUN_MISSING.code, RUN_MISSING.message, RUN_MISSING.hint);
    },
    async getRuns(runIds, options) {
      const runs = owned((await client.getRuns(runIds, options)).runs);
      const found = new Set(runs.map(({ runId }) => runId));
      return { runs, missing: runIds.filter((id) => !found.has(id)) };
    },
    async searchRuns(search, options) {
      const mine = { tag: TAGS.tenant, is: '=', value: tenancy.tenant } as const;
      const where = [...(search.where ?? []), ...(tenancy.tenant === DEFAULT_TENANT ? [] : [mine])];
      const page = await searching(() => client.searchRuns({ ...search, where }, options));
      return { ...page, runs: owned(page.runs) };
    },
    listArtifacts: client.listArtifacts,
    getArtifact: client.getArtifact,
    experiments: {
      async byName(name, options) {
        const found = await client.experiments.byName(tenancy.qualified(name), options);
        return found && { ...found, name };
      },
      async search(search, options) {
        // Others' are left out below in any case; but only so many are looked at.
        const nameBegins = tenancy.namePrefix === '' ? undefined : tenancy.namePrefix;
        const page = await searching(() =>
          client.experiments.search({ ...search, nameBegins }, options),
        );
        const experiments = page.experiments.flatMap((experiment) => {
          const name = tenancy.shown(experiment.name);
          return name === undefined ? [] : [{ ...experiment, name }];
        });
        return { ...page, experiments };
      },
    },
  };
}

/** Both tags tell whose a run is: one that was edited in MLflow is not enough. */
function ownWorkflow(tags: TrackedRun['tags'], { ownId }: Tenancy): boolean {
  const workflowId = tags[TAGS.workflowId];
  return workflowId === undefined || ownId(workflowId) === workflowId;
}
