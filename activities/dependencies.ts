import type { RunLinks } from '../platform/run-links.ts';
import type { Audit } from '../platform/audit/open-audit.ts';
import type { BlobStore } from '../platform/storage/blob-store.ts';
import type { MlflowClient } from '../platform/tracking/tracking-types.ts';
import type { ComputePool } from './compute/compute-pool.ts';
import type { SourceLimits, SourceReader } from './sources/source-types.ts';

/** What the steps work with; made once, in the worker's composition root. */
export interface ActivityDependencies {
  readonly blobs: BlobStore;
  readonly sources: SourceReader;
  readonly limits: SourceLimits;
  readonly compute: ComputePool;
  /** Threads that one training may use. */
  readonly trainThreads: number;
  /** Least time between two checkpoints of a training. */
  readonly checkpointSeconds: number;
  /** The client for an allowed tracking_uri; the default server's for null. */
  readonly tracking: (uri: string | null) => MlflowClient;
  readonly codeVersion: string;
  /** Undefined where nothing is recorded. */
  readonly audit?: Audit | undefined;
  /** Where people look at a run. */
  readonly links: RunLinks;
}
