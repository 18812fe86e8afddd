import type { z } from 'zod';

import type { Logger } from '../../platform/logging.ts';
import { plainText, plainTexts } from '../../platform/plain-text.ts';
import type { Caller, Scope } from '../../schemas/caller.ts';
import { Failure, FAILURES } from '../../schemas/failure.ts';
import type { RunFailure } from '../../schemas/run-view.ts';
import { guardedExperiments } from '../access/guarded-experiments.ts';
import { demandScope, scopeOfTool, toolsFor } from '../access/rules.ts';
import { describeProblems } from './argument-problems.ts';
import { parseLeniently } from './lenient-arguments.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { RunFailedError, type Call, type Tool } from './tool.ts';

export type CallOutcome =
  | {
      readonly ok: true;
      readonly output: Record<string, unknown>;
      readonly next?: string | undefined;
    }
  | { readonly ok: false; readonly failure: RunFailure };

/** Calls a tool by either of its names: the one way in, for every door. Never throws. */
export type CallTool = (name: string, args: unknown, call: Call) => Promise<CallOutcome>;

export interface CallToolDependencies {
  readonly tools: readonly Tool[];
  readonly experimentsOf: (caller: Caller) => Experiments;
  readonly logger: Logger;
}

/** Of a tool, in the log: a caller may send a name of megabytes. */
const LONGEST_NAME = 100;

/** @throws Failure SETUP_FAILED when a tool has no rule of who may call it */
export function createCallTool({ tools, experimentsOf, logger }: CallToolDependencies): CallTool {
  const byName = new Map(
    tools.flatMap((tool): [string, { readonly tool: Tool; readonly scope: Scope }][] => [
      [tool.name, { tool, scope: scopeOfTool(tool) }],
      [tool.dottedName, { tool, scope: scopeOfTool(tool) }],
    ]),
  );
  return async (name, args, call) => {
    const { tenant, subject } = call.caller;
    const log = logger.child({ tool: name.slice(0, LONGEST_NAME), tenant, caller: subject });
    try {
      const found = byName.get(name);
      if (!found) throw unknownTool(toolsFor(tools, call.caller));
      const { tool, scope } = found;
      demandScope(call.caller, scope);
      const experiments = guardedExperiments(experimentsOf(call.caller), call.caller);
      const output = await tool.run(parseArguments(tool.input, args), { ...call, experiments });
      log.info('tool call answered');
      return { ok: true, output: plainTexts(output), next: tool.next?.(output) };
    } catch (error) {
      const failure = runFailure(error);
      const own = FAILURES[failure.code].status >= 500;
      log[own ? 'warn' : 'info']({ code: failure.code, err: error }, 'tool call failed');
      return { ok: false, failure };
    }
  };
}

function parseArguments<Schema extends z.ZodType>(schema: Schema, args: unknown): z.output<Schema> {
  const parsed = parseLeniently(schema, args);
  if (parsed.success) return parsed.data;
  throw describeProblems(parsed.error);
}

function unknownTool(tools: readonly Tool[]): Failure {
  return new Failure(
    'UNKNOWN_TOOL',
    'There is no tool of that name.',
    tools.length === 0
      ? 'The caller may call none: ask for a key or a token with more scopes.'
      : `Use one of ${tools.map((tool) => tool.name).join(', ')}.`,
  );
}

/** Of a sentence or a hint: names from the data in them are bounded where they are put in. */
const MOST_CHARACTERS = 2000;

/** Any error of a call as the failure that its caller sees; an unknown error shows nothing of itself. */
export function runFailure(error: unknown): RunFailure {
  const failure = failureOf(error);
  const [message, hint] = [failure.message, failure.hint].map((text) =>
    plainText(text.slice(0, MOST_CHARACTERS)),
  ) as [string, string];
  return { ...failure, message, hint };
}

function failureOf(error: unknown): RunFailure {
  if (error instanceof RunFailedError) {
    const { code, message, hint } = error.failure;
    return {
      ...{ code, step: error.step, message, hint },
      run_id: error.runId,
      workflow_id: error.workflowId,
    };
  }
  if (error instanceof Failure) {
    const { code, message, hint, retryAfterSeconds } = error;
    return {
      ...{ code, step: null, message, hint },
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    };
  }
  return {
    code: 'INTERNAL',
    step: null,
    message: 'The server failed for a reason of its own.',
    hint: 'Try again; the server’s log has the details.',
  };
}
