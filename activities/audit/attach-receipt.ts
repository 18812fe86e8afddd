import type { Audit } from '../../platform/audit/open-audit.ts';
import { makeReceipt } from '../../platform/audit/receipt.ts';
import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import type { CloseInput } from '../../schemas/experiment.ts';
import { putFiles } from '../log-run/artifact-files.ts';
import { stepContext } from '../step-context.ts';

/** Beside a run's own artifacts in MLflow. */
export const RECEIPT_FILE = 'audit/receipt.json';

/** Puts what the audit log holds of a run beside its artifacts, signed. */
export async function attachReceipt(
  audit: Audit,
  client: MlflowClient,
  { request, run }: Pick<CloseInput, 'request' | 'run'>,
): Promise<void> {
  if (!run) return;
  const { workflowId, temporalRunId, signal } = stepContext();
  const chain = request.tenant ?? DEFAULT_TENANT;
  const { database } = audit.log;
  const receipt = await makeReceipt(database, audit.keys, { chain, workflowId, now: new Date() });
  if (!receipt) return;
  const file = { path: RECEIPT_FILE, bytes: Buffer.from(`${JSON.stringify(receipt)}\n`) };
  await putFiles(client, run.artifactUri, [file], { signal });
  const { size, root } = receipt.checkpoint;
  await audit.log.record({
    ...{ name: 'receipt.attached', chain },
    fields: {
      ...{ 'temporal.workflow_id': workflowId, 'temporal.run_id': temporalRunId },
      ...{ 'mlflow.run_id': run.runId, 'receipt.size': size, 'receipt.root': root },
    },
  });
}
