import type { CancelRunRequest } from '../../schemas/cancel-run.ts';
import type { CompareRunsRequest, RunComparison } from '../../schemas/compare-runs.ts';
import type { AuditTrail, GetAuditRequest } from '../../schemas/get-audit.ts';
import type { Inspection, ValidateSourceRequest } from '../../schemas/inspection.ts';
import type { ListRunsRequest, RunList } from '../../schemas/list-runs.ts';
import type { GetRunRequest, RunExperimentRequest } from '../../schemas/request.ts';
import type { RetryRunRequest } from '../../schemas/retry-run.ts';
import type { RunAnswer, RunView } from '../../schemas/run-view.ts';
import type { Progress } from '../tools/tool.ts';
import type { CancelOutcome } from './cancel-run.ts';
import type { RunName } from './get-run.ts';
import type { RetriedRun } from './retry-run.ts';

export interface WaitOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Experiments as the tools see them; Temporal and MLflow stand behind it. */
export interface Experiments {
  /**
   * Starts a workflow, or finds the one that the same idempotency key started.
   * @param workflowId one that the tenant’s ids allow, where it has to be known before
   * @returns its workflow id: the run is safe from here on
   */
  start(request: RunExperimentRequest, caller: string, workflowId?: string): Promise<string>;
  /**
   * Waits for the end, at most so long; then answers with status RUNNING. Ending a wait never ends the run.
   * @throws RunFailedError when the run failed
   */
  wait(workflowId: string, options: WaitOptions): Promise<RunAnswer>;
  /**
   * Looks at a source as a run would, without starting one; ends when the signal is aborted.
   * @throws Failure for wrong arguments and outages; a refused source is an answer
   */
  inspect(request: ValidateSourceRequest, signal: AbortSignal): Promise<Inspection>;
  /** Joins what Temporal and MLflow know of a run. @throws Failure RUN_NOT_FOUND */
  get(run: RunName): Promise<RunView>;
  /** The same after the wait that the request asks for: until the end, or a change. Ending it never ends the run. */
  follow(request: GetRunRequest, options: Omit<WaitOptions, 'seconds'>): Promise<RunView>;
  /** One file of a run's report, by its name. @throws Failure RUN_NOT_FOUND, or when it has none */
  reportFile(run: RunName, name: string): Promise<Buffer>;
  /** One page of what the audit log has of a run. @throws Failure RUN_NOT_FOUND, AUDIT_UNAVAILABLE */
  audit(request: GetAuditRequest): Promise<AuditTrail>;
  /** One page of MLflow's runs. @throws Failure EXPERIMENT_NOT_FOUND */
  list(request: ListRunsRequest): Promise<RunList>;
  /** @throws Failure RUN_NOT_FOUND when fewer than two of the runs exist */
  compare(request: CompareRunsRequest): Promise<RunComparison>;
  /**
   * Starts an ended run again from a step. The same call again finds the retry that the first one made.
   * @throws Failure RUN_NOT_FOUND, RUN_STILL_RUNNING, RUN_NOT_RETRYABLE, UNKNOWN_STEP
   */
  retry(request: RetryRunRequest, caller: string): Promise<RetriedRun>;
  /** Asks a run to stop, if it has not ended. @throws Failure RUN_NOT_FOUND */
  cancel(request: CancelRunRequest, caller: string): Promise<CancelOutcome>;
}
