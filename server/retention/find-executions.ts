import { executionsOf } from '../../platform/audit/histories/list-executions.ts';
import {
  isNotFound,
  type Execution,
  type TemporalAccess,
} from '../../platform/audit/histories/temporal-access.ts';
import { Failure } from '../../schemas/failure.ts';

/**
 * All executions that Temporal holds of an ended run.
 * @throws Failure RUN_STILL_RUNNING
 */
export async function endedExecutions(
  access: TemporalAccess,
  workflowId: string,
): Promise<Execution[]> {
  const latest = await latestExecution(access, workflowId);
  const shown = (await executionsOf(access, workflowId)).filter(
    ({ runId }) => runId !== latest?.runId,
  );
  const found = latest ? [latest, ...shown] : shown;
  // What Temporal lists may be late: the latest one is asked for itself.
  if (latest && latest.closedAt === undefined) {
    throw new Failure(
      'RUN_STILL_RUNNING',
      'The run is still going.',
      'Wait for its end, or cancel it with mlflow_cancel_run, then erase it.',
    );
  }
  return found;
}

async function latestExecution(
  { connection, namespace }: TemporalAccess,
  workflowId: string,
): Promise<Execution | undefined> {
  try {
    const { workflowExecutionInfo: info } =
      await connection.workflowService.describeWorkflowExecution({
        ...{ namespace, execution: { workflowId } },
      });
    return {
      ...{ workflowId, runId: info?.execution?.runId ?? '' },
      startedAt: Number(info?.startTime?.seconds ?? 0) * 1000,
      closedAt: info?.closeTime ? Number(info.closeTime.seconds ?? 0) * 1000 : undefined,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
