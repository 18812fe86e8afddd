import pLimit from 'p-limit';

import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';
import type { AuditLog } from '../../platform/audit/audit-log.ts';
import { auditTrail } from '../audit/audit-trail.ts';
import { cancelRun } from './cancel-run.ts';
import { compareRuns } from './compare-runs.ts';
import { createConcealment } from './concealment.ts';
import type { Experiments } from './experiments.ts';
import { followRun } from './follow-run.ts';
import { getRun } from './get-run.ts';
import { createKnownRuns } from './known-runs.ts';
import { inspectSource } from './inspect-source.ts';
import { listRuns } from './list-runs.ts';
import { refuseErased } from './refuse-erased.ts';
import { reportFile } from './report-file.ts';
import { createRetryRun, type RetryRunDependencies } from './retry-run.ts';
import { startExperiment, type StartDependencies } from './start-experiment.ts';
import { rateLimited } from '../limits/too-many.ts';
import { soon } from './soon.ts';
import { asTemporalCalls } from './temporal-errors.ts';
import { createTenancy } from './tenancy.ts';
import { tenantRuns } from './tenant-runs.ts';
import { waitForEnd } from './wait-for-end.ts';

/** A thousand starts at once would keep Temporal from answering any of them in time. */
const STARTS_AT_ONCE = 32;
/** Of one tenant, in MLflow: one may take a second, and keeps others' calls and the workers' waiting. */
const SEARCHES_AT_ONCE = 2;
/** Whoever asked may have gone away long since. */
const SEARCHES_WAITING = 100;
const COME_AGAIN_SECONDS = 5;

export type ExperimentDependencies = Omit<StartDependencies, 'tenancy' | 'workflowId'> &
  Omit<RetryRunDependencies, 'tracking' | 'tenancy' | 'knownRuns'> & {
    /** The client for a tracking_uri; the default one for undefined. @throws Failure */
    readonly tracking: (uri: string | undefined) => MlflowClient;
    /** Undefined where none is kept. */
    readonly auditLog: Pick<AuditLog, 'database' | 'ready'> | undefined;
    /** Whether callers must not learn, even by a clock, which ids others have. */
    readonly concealing: boolean;
  };

/** The experiments of one Temporal namespace and one default MLflow, by tenant. */
export function createExperimentsOf(deps: ExperimentDependencies): (tenant: string) => Experiments {
  const starting = pLimit(STARTS_AT_ONCE);
  const known = new Map<string, Experiments>();
  return (tenant) => {
    const experiments = known.get(tenant) ?? createExperiments(deps, tenant, starting);
    known.set(tenant, experiments);
    return experiments;
  };
}

function createExperiments(
  shared: ExperimentDependencies,
  tenant: string,
  starting: <T>(start: () => Promise<T>) => Promise<T>,
): Experiments {
  const tenancy = createTenancy(tenant);
  const searches = pLimit(SEARCHES_AT_ONCE);
  const searching = async <T>(search: () => Promise<T>): Promise<T> => {
    if (searches.pendingCount >= SEARCHES_WAITING) throw rateLimited(COME_AGAIN_SECONDS);
    return searches(search);
  };
  const deps = {
    ...{ ...shared, tenancy, knownRuns: createKnownRuns() },
    tracking: (uri: string | undefined) => tenantRuns(shared.tracking(uri), tenancy, searching),
  };
  const { client } = deps;
  const atOnce = <T>(calls: () => Promise<T>): Promise<T> =>
    asTemporalCalls(() => soon(client, calls));
  const concealed = createConcealment(shared.concealing);
  const own = <Run extends { readonly run_id: string }>(run: Run): Run => {
    return { ...run, run_id: tenancy.ownId(run.run_id) };
  };
  const retryRun = createRetryRun(deps);
  return {
    start: (request, caller, id = tenancy.workflowId(request.idempotency_key)) =>
      starting(async () => {
        if (request.idempotency_key !== undefined) {
          await refuseErased(shared.auditLog, { tenant, workflowId: id });
        }
        return asTemporalCalls(() => startExperiment({ ...deps, workflowId: id }, request, caller));
      }),
    wait: (workflowId, options) =>
      asTemporalCalls(() => waitForEnd(deps, tenancy.ownId(workflowId), options)),
    inspect: (request, signal) => inspectSource(deps, request, signal),
    get: (run) => concealed(() => atOnce(() => getRun(deps, own(run)))),
    follow: (request, options) =>
      concealed(() =>
        asTemporalCalls(() =>
          followRun(client, () => atOnce(() => getRun(deps, own(request))), request, options),
        ),
      ),
    audit: (request) => concealed(() => auditTrail(deps, own(request))),
    reportFile: (run, name) => concealed(() => atOnce(() => reportFile(deps, own(run), name))),
    list: (request) => concealed(() => listRuns(deps, request)),
    compare: (request) =>
      concealed(
        () => atOnce(() => compareRuns(deps, request)),
        ({ missing }) => missing.length > 0,
      ),
    retry: (request, caller) => concealed(() => atOnce(() => retryRun(own(request), caller))),
    cancel: (request, caller) =>
      concealed(() => atOnce(() => cancelRun(deps, own(request), caller))),
  };
}
