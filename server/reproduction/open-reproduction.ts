import { userInfo } from 'node:os';

import { auditToRead } from '../../platform/audit/lineage/audit-to-read.ts';
import { workflowOfRun } from '../../platform/audit/lineage/find-events.ts';
import { chainsOf } from '../../platform/audit/publish-checkpoint.ts';
import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { runLinksFrom } from '../../platform/run-links.ts';
import { createBlobStoreFrom } from '../../platform/storage/from-config.ts';
import { createTrackingServersFrom } from '../../platform/tracking/from-config.ts';
import type { Config } from '../../schemas/config.ts';
import { createTemporalClient } from '../temporal-client.ts';
import { exportedEvents } from './exported-events.ts';
import type { ReproductionDependencies } from './reproduce-run.ts';

export interface OpenReproduction extends ReproductionDependencies {
  close(): Promise<void>;
}

/** For a request to MLflow, as while a caller waits. */
const MLFLOW_MILLISECONDS = 10_000;

/** What reproducing needs of an installation: its Temporal, its MLflow and its audit log, where there is one. */
export async function openReproduction(config: Config): Promise<OpenReproduction> {
  const temporal = await createTemporalClient(config);
  const servers = createTrackingServersFrom(config, { timeoutMs: MLFLOW_MILLISECONDS });
  const audit = auditToRead(config);
  const blobs = await createBlobStoreFrom(config);
  return {
    client: temporal.client,
    audit,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    operator: userInfo().username,
    tracking: (uri) => servers.clientFor(uri),
    auditedWorkflow: async (runId) => audit && auditedWorkflow(audit, runId).catch(() => undefined),
    exportedHistories: async (workflowId) =>
      audit ? exportedEvents({ blobs, database: audit }, workflowId) : [],
    links: runLinksFrom(config),
    async close() {
      await temporal.close();
      await audit?.tables.destroy();
    },
  };
}

async function auditedWorkflow(
  database: AuditDatabase,
  runId: string,
): Promise<string | undefined> {
  for (const chain of await chainsOf({ database })) {
    const workflowId = await workflowOfRun(database, { chain, runId });
    if (workflowId !== undefined) return workflowId;
  }
  return undefined;
}
