import { Failure } from '../../schemas/failure.ts';
import type { RunAnswer } from '../../schemas/run-view.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { isGoing } from '../experiments/run-join.ts';
import { callResult } from '../tools/call-result.ts';
import { createCallTool, type CallOutcome, type CallToolDependencies } from '../tools/call-tool.ts';
import { runFailure } from '../tools/run-failure.ts';
import { runExperimentTool as tool } from '../tools/run-experiment.ts';
import { RunFailedError, type Call as ToolCall } from '../tools/tool.ts';
import { workingTask } from './run-task.ts';
import { createTaskResult, type DetailedTask, type TaskStore } from './task.ts';

/** As tenancy.ts makes them; an MLflow run's id is none. */
const TASK_ID = /^experiment-[0-9a-z_.-]{1,150}$/;
/** The result of a run that has ended is there at once, when Temporal is. */
const RESULT_WITHIN_SECONDS = 10;

interface Call {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Runs of a tenant's experiments as tasks. Nothing is kept here: a task is the workflow of its id, so it outlives
 * this process, and a task that its client forgets is a run like any other.
 * @param experiments those that the caller may look at
 */
export function createExperimentTasks(
  experiments: Experiments,
  { experimentsOf, logger, calls, tracing }: Omit<CallToolDependencies, 'tools'>,
) {
  const wait = async (id: string) => justStarted(id);
  const start = createCallTool({
    ...{ tools: [tool], logger, calls, tracing },
    experimentsOf: (...call) => ({ ...experimentsOf(...call), wait }),
  });

  async function get(taskId: string): Promise<DetailedTask | undefined> {
    if (!TASK_ID.test(taskId)) return undefined;
    const view = await unlessUnknown(experiments.get({ run_id: taskId }));
    if (!view) return undefined;
    const working = workingTask(taskId, view);
    const status = view.workflow?.status;
    if (isGoing(status)) return working;
    if (status === 'CANCELLED' || status === 'TERMINATED') {
      const statusMessage = `The run was ${status.toLowerCase()}.`;
      return { ...working, status: 'cancelled', statusMessage };
    }
    const outcome = await outcomeOf(experiments, taskId);
    // Somebody has retried it since.
    if (!outcome) return working;
    const statusMessage = outcome.ok
      ? 'The run has finished.'
      : `The run has failed: ${outcome.failure.code}: ${outcome.failure.message}`;
    return { ...working, status: 'completed', statusMessage, result: callResult(outcome) };
  }

  return {
    get,
    /** Whether calls of a tool are answered with a task to clients that know tasks. */
    takes: (name: string): boolean => name === tool.name || name === tool.dottedName,
    /** Starts a run; what can't be started is answered as it always is. The task is durable when this resolves. */
    async create(call: Call, context: ToolCall) {
      const outcome = await start(call.name, call.arguments, context);
      if (!outcome.ok) return callResult(outcome);
      const task = await get(String(outcome.output['workflow_id'])).catch(() => undefined);
      // Temporal went away just now: the run has its id all the same.
      return task ? createTaskResult(task) : callResult(outcome);
    },
    /** A run never asks its client for anything, so that every answer is to nothing. */
    update: async (taskId: string) => (await get(taskId)) !== undefined,
    async cancel(taskId: string, caller: string) {
      if (!TASK_ID.test(taskId)) return false;
      const request = { run_id: taskId, reason: 'tasks/cancel', wait_seconds: 0 };
      return (await unlessUnknown(experiments.cancel(request, caller))) !== undefined;
    },
  } satisfies TaskStore & Record<string, unknown>;
}

function justStarted(workflowId: string): RunAnswer {
  return {
    ...{ run_id: null, experiment_id: null, status: 'RUNNING', metrics: {} },
    ...{ workflow_id: workflowId, warnings: [], links: { mlflow: null, temporal: null } },
  };
}

/** How the tool would have answered at a run's end; undefined when the run goes on. */
async function outcomeOf(
  experiments: Experiments,
  workflowId: string,
): Promise<CallOutcome | undefined> {
  const options = { seconds: RESULT_WITHIN_SECONDS, signal: new AbortController().signal };
  try {
    const answer = await experiments.wait(workflowId, options);
    if (answer.status === 'RUNNING') return undefined;
    return { ok: true, output: { ...answer } };
  } catch (error) {
    if (!(error instanceof RunFailedError)) throw error;
    return { ok: false, failure: runFailure(error) };
  }
}

async function unlessUnknown<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure && error.code === 'RUN_NOT_FOUND') return undefined;
    throw error;
  }
}
