import { parseTrace } from '../platform/tracing/trace-context.ts';
import type { SpanIds, Tracing } from '../platform/tracing/tracing.ts';
import { tenantOfWorkflow } from '../schemas/caller.ts';
import { runSpanId } from '../schemas/names.ts';
import type { RunEndListener } from './run-ends.ts';

/** Tells of a run as a whole when it has ended, under the id that its steps have named as their parent’s. */
export function tracedRuns(tracing: Tracing): RunEndListener {
  return (end, { workflowId, runId, workflowType }) => {
    const own = runSpanIds(runId);
    const parent = end.trace ? parseTrace(end.trace) : undefined;
    tracing.past({
      name: `RunWorkflow:${workflowType}`,
      kind: 'internal',
      parent,
      ids: { ...own, traceId: parent?.traceId ?? own.traceId },
      links: end.retriedBy.flatMap((carrier) => parseTrace(carrier) ?? []),
      startedAt: end.startedAt,
      endedAt: end.endedAt,
      attributes: {
        'temporal.workflow_id': workflowId,
        'temporal.run_id': runId,
        'mlflow.run_id': end.mlflowRunId,
        'experiment.tenant': end.tenant ?? tenantOfWorkflow(workflowId),
        outcome: end.outcome,
      },
      failedWith: end.code ?? undefined,
    });
  };
}

/** The ids of a run’s span, where nobody has a trace for it: both follow from its execution’s. @param runId of Temporal */
export function runSpanIds(runId: string): SpanIds {
  return { traceId: runId.replaceAll('-', ''), spanId: runSpanId(runId) };
}
