import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';

import type { RunEnd, RunSinks } from '../schemas/run-end.ts';

/** Which execution has ended. */
export type EndedExecution = Pick<
  WorkflowInfo,
  'workflowId' | 'runId' | 'workflowType' | 'originalExecutionRunId'
>;

/** Is told of every workflow’s end (runs and inspections) that this worker sees, once each but for a crash. */
export type RunEndListener = (end: RunEnd, execution: EndedExecution) => void;

/** The sinks of workflows/observe-run.ts: everything that wants to know of a run’s end. */
export function runEndSinks(listeners: readonly RunEndListener[]): InjectedSinks<RunSinks> {
  return {
    runs: {
      ended: {
        callDuringReplay: false,
        fn(info, end) {
          for (const listener of listeners) listener(end, info);
        },
      },
    },
  };
}
