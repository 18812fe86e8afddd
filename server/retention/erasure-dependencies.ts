import type { Client } from '@temporalio/client';

import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Execution, TemporalAccess } from '../../platform/audit/histories/temporal-access.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';

export interface ErasureDependencies {
  readonly access: TemporalAccess;
  /** On the same connection; it decrypts. */
  readonly client: Client;
  readonly blobs: BlobStore;
  readonly log: AuditLog;
  /** @throws Failure */
  readonly tracking: (uri: string | undefined) => MlflowClient;
}

/** Files of one artifact root in MLflow. */
export interface ArtifactsToErase {
  readonly artifactUri: string;
  readonly paths: readonly string[];
}

/** What there is of a run, and is to be erased. */
export interface ErasurePlan {
  readonly workflowId: string;
  readonly chain: string;
  readonly runId: string | undefined;
  readonly trackingUri: string | undefined;
  readonly executions: readonly Execution[];
  /** Private texts beside the chain. */
  readonly values: number;
  /** Keys of its blobs, of its inline records, and of its exported histories. */
  readonly blobs: readonly string[];
  readonly records: string | undefined;
  readonly histories: readonly string[];
  readonly artifacts: readonly ArtifactsToErase[];
  /** Logged models that MLflow shows. */
  readonly models: readonly string[];
  /** Other runs that were made from the same inline records. */
  readonly sharedWith: readonly string[];
  /** Versions of registered models that are the run's model. */
  readonly registered: readonly string[];
  /** What can't be erased from here, for the operator. */
  readonly remarks: readonly string[];
}
