import { createHash, randomUUID } from 'node:crypto';

import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';

import type { Sealer } from '../../platform/codec/sealing.ts';
import {
  displayOf,
  isConnectionString,
  parseConnectionString,
} from '../../platform/connections/connection-string.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { Failure } from '../../schemas/failure.ts';
import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import type { RunExperimentRequest } from '../../schemas/request.ts';
import type { Source, StoredSource } from '../../schemas/source.ts';
import type { runExperiment } from '../../workflows/index.ts';

export interface StartDependencies {
  readonly client: Client;
  readonly taskQueue: string;
  readonly blobs: BlobStore;
  readonly sealer: Sealer;
  readonly rawConnectionsAllowed: boolean;
  readonly runTimeoutSeconds: number;
  /** The allowed form of a tracking_uri, or null for the default server. @throws Failure */
  readonly checkTrackingUri: (uri: string | undefined) => string | null;
}

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
  const workflowId = key === undefined ? `experiment-${randomUUID()}` : keyedWorkflowId(key);
  const input: ExperimentInput = {
    experimentName: request.experiment_name,
    model: request.source.kind === 'inline' ? 'logreg_text' : request.model,
    source: await storeSource(deps, request.source),
    params: request.params,
    limits: {
      ...request.limits,
      timeout_seconds: Math.min(request.limits.timeout_seconds ?? Infinity, deps.runTimeoutSeconds),
    },
    trackingUri,
    caller,
    register: request.register,
    reuse: request.reuse,
  };
  try {
    await deps.client.workflow.start<typeof runExperiment>(EXPERIMENT_WORKFLOW, {
      workflowId,
      taskQueue: deps.taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      memo: { [FINGERPRINT]: fingerprint },
      staticSummary: `${input.experimentName}: ${input.model} on ${input.source.kind}`.slice(
        0,
        200,
      ),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  if (key !== undefined) await refuseOtherRequest(deps.client, workflowId, fingerprint);
  return workflowId;
}

/** What a request means: without how long to wait, and without the password, which may change. */
function fingerprintOf(request: RunExperimentRequest): string {
  const { idempotency_key: _key, wait_seconds: _wait, source, ...rest } = request;
  const conn = source.kind === 'sql' && isConnectionString(source.conn) && displayOf(source.conn);
  const meaning = { ...rest, source: conn === false ? source : { ...source, conn } };
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}

function keyedWorkflowId(key: string): string {
  return `experiment-key-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
}

async function refuseOtherRequest(
  client: Client,
  workflowId: string,
  fingerprint: string,
): Promise<void> {
  const { memo } = await client.workflow.getHandle(workflowId).describe();
  if (memo?.[FINGERPRINT] === fingerprint) return;
  throw new Failure(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency_key belongs to a run with other arguments.',
    `Use a new key for a new request; the earlier run is workflow_id ${workflowId}.`,
  );
}

/** Takes rows and secrets out of a source before it goes into Temporal's history. */
async function storeSource(deps: StartDependencies, source: Source): Promise<StoredSource> {
  switch (source.kind) {
    case 'file':
      return source;
    case 'inline': {
      const { kind, task, records } = source;
      const bytes = Buffer.from(JSON.stringify(records));
      const blob = await deps.blobs.putBytes('inline/records', bytes);
      return { kind, task, records: blob, count: records.length };
    }
    case 'sql':
      return { ...source, conn: storeConnection(deps, source.conn) };
  }
}

function storeConnection(deps: StartDependencies, conn: string) {
  if (!isConnectionString(conn)) return { name: conn };
  if (!deps.rawConnectionsAllowed) {
    throw new Failure(
      'CONNECTION_NOT_ALLOWED',
      'This server takes no connection strings in requests.',
      'Use the name of a connection that the operator has configured in CONNECTIONS_FILE.',
    );
  }
  parseConnectionString(conn);
  return { sealed: deps.sealer.seal(conn), display: displayOf(conn) };
}
