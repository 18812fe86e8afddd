import type { Experiment } from '../../../platform/tracking/find-experiments.ts';
import type {
  MlflowClient,
  RunSearch,
  TrackedRun,
} from '../../../platform/tracking/tracking-types.ts';

/** The reading half of an MLflow that holds these runs; a search answers all of them, and is remembered. */
export function fakeTracking(
  runs: readonly TrackedRun[],
  experiments: readonly { name: string; deleted?: boolean }[] = [{ name: 'demo' }],
) {
  const searches: RunSearch[] = [];
  const all = experiments.map(({ name, deleted = false }, i): Experiment => ({
    ...{ experimentId: String(i + 1), name, deleted, artifactLocation: '' },
    ...{ createdAt: null, updatedAt: null, tags: {} },
  }));
  const client: Pick<MlflowClient, 'experiments' | 'searchRuns'> = {
    experiments: {
      get: async () => all[0]!,
      byName: async (name) => all.find((experiment) => experiment.name === name) ?? null,
      search: async () => ({
        experiments: all.filter(({ deleted }) => !deleted),
        nextPageToken: undefined,
      }),
    },
    searchRuns: async (search) => {
      searches.push(search);
      return { runs: [...runs], nextPageToken: runs.length > 0 ? 'next' : undefined };
    },
  };
  return { searches, tracking: () => client as MlflowClient };
}
