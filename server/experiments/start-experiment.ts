import { createHash } from 'node:crypto';

import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';

import { displayOf, isConnectionString } from '../../platform/connections/connection-string.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { Failure } from '../../schemas/failure.ts';
import type { InspectionInput } from '../../schemas/inspection.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import type { RunExperimentRequest } from '../../schemas/request.ts';
import type { runExperiment } from '../../workflows/index.ts';
import { soon } from './soon.ts';
import { storeSource, type StoreSourceDependencies } from './stored-source.ts';
import { TENANT_MEMO, tenantOf, type Tenancy } from './tenancy.ts';

export interface StartDependencies extends StoreSourceDependencies {
  readonly tenancy: Tenancy;
  /** The new workflow's, or that of the key. */
  readonly workflowId: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly runTimeoutSeconds: number;
  /** The allowed form of a tracking_uri, or null for the default server. @throws Failure */
  readonly checkTrackingUri: (uri: string | undefined) => string | null;
  /** Told of each workflow that was started, and of none that was there already. */
  readonly onStarted?: (() => void) | undefined;
}

/**
 * The request stands in the history once a step, for log together with what was found out of the source:
 * so it may have half of the 64 KiB that a payload has.
 */
const LARGEST_INPUT_BYTES = 32 * 1024;

/** Key of the memo entry by which a repeated idempotency key is told from a changed request. */
const FINGERPRINT = 'requestFingerprint';

/** Starts the workflow of a request and returns its id; see {@link Experiments.start}. */
export async function startExperiment(
  deps: StartDependencies,
  request: RunExperimentRequest,
  caller: string,
): Promise<string> {
  const { idempotency_key: key } = request;
  const trackingUri = deps.checkTrackingUri(request.tracking_uri);
  const fingerprint = fingerprintOf(request);
  const { tenancy, workflowId } = deps;
  const input: ExperimentInput = {
    experimentName: tenancy.qualified(request.experiment_name),
    model: request.source.kind === 'inline' ? 'logreg_text' : request.model,
    source: await storeSource(deps, request.source, tenancy.blobName('inline/records')),
    params: request.params,
    limits: {
      ...request.limits,
      timeout_seconds: Math.min(request.limits.timeout_seconds ?? Infinity, deps.runTimeoutSeconds),
    },
    trackingUri,
    caller,
    tenant: tenantOf(tenancy),
    register: request.register && {
      ...request.register,
      model_name: tenancy.qualified(request.register.model_name),
    },
    reuse: request.reuse,
  };
  checkSize(input);
  const summary = `${input.experimentName}: ${input.model} on ${input.source.kind}`.slice(0, 200);
  try {
    // How long the records took to store is not Temporal's fault.
    await soon(deps.client, () =>
      deps.client.workflow.start<typeof runExperiment>(EXPERIMENT_WORKFLOW, {
        workflowId,
        taskQueue: deps.taskQueue,
        args: [input],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { [FINGERPRINT]: fingerprint, ...(input.tenant && { [TENANT_MEMO]: input.tenant }) },
        // No tenant's steps wait for all of another's.
        priority: { fairnessKey: tenancy.tenant },
        staticSummary: summary,
      }),
    );
    deps.onStarted?.();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  if (key !== undefined) await refuseOtherRequest(deps.client, workflowId, fingerprint);
  return workflowId;
}

/** @throws Failure REQUEST_TOO_LARGE */
export function checkSize(input: ExperimentInput | InspectionInput): void {
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes <= LARGEST_INPUT_BYTES) return;
  throw new Failure(
    'REQUEST_TOO_LARGE',
    `The request has ${bytes} bytes, its records left out; at most ${LARGEST_INPUT_BYTES} can be kept of a run.`,
    'Shorten the query or the list of features, for example with a view in the database.',
  );
}

/** What a request means: without how long to wait, and without the password, which may change. */
function fingerprintOf(request: RunExperimentRequest): string {
  const { idempotency_key: _key, wait_seconds: _wait, source, ...rest } = request;
  const conn = source.kind === 'sql' && isConnectionString(source.conn) && displayOf(source.conn);
  const meaning = { ...rest, source: conn === false ? source : { ...source, conn } };
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}

async function refuseOtherRequest(
  client: Client,
  workflowId: string,
  fingerprint: string,
): Promise<void> {
  const { memo } = await soon(client, () => client.workflow.getHandle(workflowId).describe());
  if (memo?.[FINGERPRINT] === fingerprint) return;
  throw new Failure(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency_key belongs to a run with other arguments.',
    `Use a new key for a new request; the earlier run is workflow_id ${workflowId}.`,
  );
}
