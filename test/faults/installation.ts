import type { Client } from '@temporalio/client';

import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import type { ProvidedDatabase } from '../support/provided.ts';

/** Servers and workers with all they need, as the checks look at it. */
export interface Installation {
  /** Of a server; where there are several, another one each time. */
  readonly url: string;
  /** MLflow itself, past every fault. */
  readonly mlflow: string;
  readonly temporal: Client;
  /** For experiments to read from. */
  readonly postgres: ProvidedDatabase;
  readonly audit: AuditDatabase;
  /** What `durable-experiments audit` is called with. */
  readonly settings: Readonly<Record<string, string>>;
  /** Keys of the blobs of a run. */
  blobsOf(workflowId: string): Promise<string[]>;
  /** What every server and worker has printed so far. */
  said(): string;
}
