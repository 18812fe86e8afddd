import { inTurn } from '../../platform/in-turn.ts';

/** Runs of a tenant that have just been let in, until Temporal shows them: it does so a moment after they have started. */
export interface StartedRuns {
  /** Each with when it was let in, in milliseconds since the epoch. */
  all(): Promise<ReadonlyMap<string, number>>;
  add(id: string): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** Those of every tenant, where the servers that share quotas know of them. */
export interface StartedRunsOf {
  /** Does something about a tenant’s, one after the other. */
  inTurn<T>(tenant: string, work: (started: StartedRuns) => Promise<T>): Promise<T>;
  /**
   * At once, also while somebody’s turn goes on: the id that a run was let in by gives way to its own, or to
   * nothing. Never fails: what can’t be noted down is forgotten after a minute.
   */
  replace(tenant: string, id: string, own: string | undefined): Promise<void>;
}

/** Known to this process; none to begin with. */
export function createStartedRuns(): StartedRunsOf {
  const ofTenants = new Map<string, StartedRuns>();
  function startedOf(tenant: string): StartedRuns {
    const started = ofTenants.get(tenant) ?? remembered();
    ofTenants.set(tenant, started);
    return started;
  }
  return {
    inTurn: (tenant, work) => inTurn(`quota of ${tenant}`, () => work(startedOf(tenant))),
    async replace(tenant, id, own) {
      const started = startedOf(tenant);
      await started.remove([id]);
      if (own !== undefined) await started.add(own);
    },
  };
}

function remembered(): StartedRuns {
  const since = new Map<string, number>();
  return {
    all: () => Promise.resolve(new Map(since)),
    add: (id) => Promise.resolve(void since.set(id, Date.now())),
    remove(ids) {
      for (const id of ids) since.delete(id);
      return Promise.resolve();
    },
  };
}
