import type { z } from 'zod';

import type { Caller } from '../../schemas/caller.ts';
import type { Failure } from '../../schemas/failure.ts';
import type { Experiments } from '../experiments/experiments.ts';

/** Words and a fraction for those who follow a call while it lasts. */
export interface Progress {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

/** What a door tells of a call beside its arguments. */
export interface Call {
  /** Aborted when the caller went away: ends the wait, never the run. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  /** How long run_experiment waits when the caller does not say. */
  readonly defaultWaitSeconds: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** As the door answers it, and the audit log has it. */
  readonly requestId?: string | undefined;
}

/** What a tool works with. */
export interface CallContext extends Call {
  /** Those of the caller's tenant. */
  readonly experiments: Experiments;
}

/** One tool, whatever the door it is called through. */
export interface Tool<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** As advertised over MCP; every model API accepts it. */
  readonly name: string;
  /** As the mission document writes it; accepted everywhere. */
  readonly dottedName: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  run(input: z.output<Input>, context: CallContext): Promise<z.output<Output>>;
  /** What to call next, where an answer leaves something to do. */
  next?(output: z.output<Output>): string | undefined;
}

/** Only for inference: the tool's types come from its schemas. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}

/** A run that failed, as an error of the tool: the failure and the ids to look it up by. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  readonly failure: Failure;
  readonly step: string | null;
  readonly runId: string | null;
  readonly workflowId: string;

  constructor(
    failure: Failure,
    run: { step: string | null; runId: string | null; workflowId: string },
  ) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.step = run.step;
    this.runId = run.runId;
    this.workflowId = run.workflowId;
  }
}
