/** The two ids of a run. */
export interface RunIds {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Runs that were looked at before: with both ids known, Temporal and MLflow can be asked at once. A guess,
 * no more: a caller of it looks again when it turns out wrong.
 */
export interface KnownRuns {
  readonly remember: (run: RunIds) => void;
  /** By either id. */
  readonly of: (id: string) => RunIds | undefined;
}

const MOST_RUNS = 10_000;

export function createKnownRuns(most = MOST_RUNS): KnownRuns {
  const runs = new Map<string, RunIds>();
  return {
    remember(run) {
      for (const id of [run.workflowId, run.runId]) {
        // The latest last: the first is what goes.
        runs.delete(id);
        runs.set(id, run);
      }
      for (const oldest of runs.keys()) {
        if (runs.size <= 2 * most) break;
        runs.delete(oldest);
      }
    },
    of: (id) => runs.get(id),
  };
}
