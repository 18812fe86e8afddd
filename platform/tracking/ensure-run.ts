import { TAGS } from '../../schemas/names.ts';
import { findOrCreate, type OnceOptions } from './find-or-create.ts';
import type { CallOptions, MlflowClient, TrackedRun } from './tracking-types.ts';

/** What makes an experiment's MLflow run: the workflow id is its identity, the rest describes it. */
export interface RunIdentity {
  readonly experimentId: string;
  readonly workflowId: string;
  readonly runName: string;
  /** When the workflow started, in ms: the same in every attempt. */
  readonly startTime: number;
  /** Further tags; the workflow id's is added. */
  readonly tags: Readonly<Record<string, string>>;
  readonly userId?: string | undefined;
}

export interface EnsuredRun {
  readonly runId: string;
  readonly artifactUri: string;
  /** True when it is certain that no second run can appear: no need for `reconcileRuns`. */
  readonly sole: boolean;
}

/** More runs than this for one workflow id would take as many attempts that were cut off. */
const MAX_TWINS = 200;

/** The active runs of a workflow id in its experiment, the earliest first. */
async function findRuns(
  client: MlflowClient,
  { experimentId, workflowId }: Pick<RunIdentity, 'experimentId' | 'workflowId'>,
  options: CallOptions,
): Promise<TrackedRun[]> {
  const where = [{ tag: TAGS.workflowId, is: '=', value: workflowId } as const];
  const search = { experimentIds: [experimentId], where, maxResults: MAX_TWINS };
  const { runs } = await client.searchRuns(search, options);
  const key = (run: TrackedRun) => run.startTime ?? 0;
  return runs.toSorted((a, b) => key(a) - key(b) || (a.runId < b.runId ? -1 : 1));
}

/** Makes a run that exists already the run of this attempt: RUNNING again, with these tags. */
async function reopen(
  client: MlflowClient,
  run: TrackedRun,
  tags: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<void> {
  const changed = Object.entries(tags).filter(([key, value]) => run.tags[key] !== value);
  await Promise.all([
    run.status === 'RUNNING'
      ? undefined
      : client.updateRun({ runId: run.runId, status: 'RUNNING' }, options),
    changed.length === 0
      ? undefined
      : client.setTags(run.runId, Object.fromEntries(changed), options),
  ]);
}

/**
 * Finds or creates the one MLflow run of a workflow, as {@link findOrCreate}: the workflow id is a
 * tag that is written in the same request that creates the run. Of several the earliest (start
 * time, then run id) is taken.
 *
 * A create that was delayed on its way may still add a run later. It is not removed here: an
 * attempt that is no longer the current one must never delete the run that the current one uses.
 * `reconcileRuns`, which knows that run, does it when the workflow closes.
 *
 * @throws Failure MLFLOW_UNAVAILABLE when it is not known whether the run exists: ask again later
 */
export async function ensureRun(
  client: MlflowClient,
  identity: RunIdentity,
  options: OnceOptions = {},
): Promise<EnsuredRun> {
  const tags = { ...identity.tags, [TAGS.workflowId]: identity.workflowId };
  const { signal } = options;

  async function find(): Promise<TrackedRun | undefined> {
    const [run] = await findRuns(client, identity, { signal });
    if (run) await reopen(client, run, tags, { signal });
    return run;
  }
  const create = () => client.createRun({ ...identity, tags }, { signal });
  const { it: run, sole } = await findOrCreate({ find, create }, options);
  return { runId: run.runId, artifactUri: run.artifactUri, sole };
}

/**
 * Leaves one active MLflow run for a workflow: the last step of the exactly-one protocol, for when
 * the workflow closes. May be repeated.
 * @param identity `keep`: the run that the workflow used; without it the earliest is kept
 * @returns the run that is left, or null when there is none
 */
export async function reconcileRuns(
  client: MlflowClient,
  identity: Pick<RunIdentity, 'experimentId' | 'workflowId'> & {
    readonly keep?: string | undefined;
  },
  options: CallOptions = {},
): Promise<{ run: TrackedRun | null; deleted: string[] }> {
  const runs = await findRuns(client, identity, options);
  const run = runs.find(({ runId }) => identity.keep === undefined || runId === identity.keep);
  const deleted = runs.map(({ runId }) => runId).filter((runId) => runId !== run?.runId);
  await Promise.all(deleted.map((runId) => client.deleteRun(runId, options)));
  return { run: run ?? null, deleted };
}
