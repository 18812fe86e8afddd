import { randomUUID } from 'node:crypto';

import type { Logger } from '../../platform/logging.ts';
import { plainTexts } from '../../platform/plain-text.ts';
import { untraced, type Tracing } from '../../platform/tracing/tracing.ts';
import type { Scope } from '../../schemas/caller.ts';
import { Failure, FAILURES } from '../../schemas/failure.ts';
import type { RunFailure } from '../../schemas/run-view.ts';
import { guardedExperiments } from '../access/guarded-experiments.ts';
import { scopeMissing, scopeOfTool, toolsFor } from '../access/rules.ts';
import { unrecorded, type CallAudit } from '../audit/call-audit.ts';
import type { ExperimentsOf } from '../experiments/experiments-of.ts';
import { describeProblems } from './argument-problems.ts';
import { parseLeniently } from './lenient-arguments.ts';
import { runFailure } from './run-failure.ts';
import type { Call, Tool } from './tool.ts';
import { idsIn, tracedCalls } from './traced-calls.ts';

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
  readonly experimentsOf: ExperimentsOf;
  readonly logger: Logger;
  /** What is recorded of calls: nothing, unless given. */
  readonly calls?: CallAudit | undefined;
  /** No spans are made without it. */
  readonly tracing?: Tracing | undefined;
}

/** @throws Failure SETUP_FAILED when a tool has no rule of who may call it */
export function createCallTool({
  tools,
  experimentsOf,
  logger,
  calls = unrecorded,
  tracing = untraced,
}: CallToolDependencies): CallTool {
  const byName = new Map(
    tools.flatMap((tool): [string, { readonly tool: Tool; readonly scope: Scope }][] => [
      [tool.name, { tool, scope: scopeOfTool(tool) }],
      [tool.dottedName, { tool, scope: scopeOfTool(tool) }],
    ]),
  );
  const nameOf = (name: string): string | undefined => byName.get(name)?.tool.name;
  return tracedCalls({ tracing, nameOf }, async (name, args, call) => {
    const { tenant, subject } = call.caller;
    const { requestId = randomUUID() } = call;
    const startedAt = performance.now();
    const log = logger.child({
      ...{ tool: nameOf(name) ?? 'unknown', tenant, caller: subject, request_id: requestId },
    });
    const answered = (outcome: 'completed' | 'failed') => {
      return { outcome, ms: Math.round(performance.now() - startedAt) };
    };
    const found = byName.get(name);
    const asked = { ...call, requestId, name: found?.tool.name ?? name };
    const refused = async (rule: string, failure: Failure): Promise<Failure> => {
      await calls.refused({ ...asked, rule, failure, args });
      return failure;
    };
    try {
      if (!found) throw await refused('unknown tool', unknownTool(toolsFor(tools, call.caller)));
      const { tool, scope } = found;
      if (!call.caller.scopes.includes(scope)) {
        throw await refused(`scope ${scope}`, scopeMissing(scope));
      }
      const parsed = parseLeniently(tool.input, args);
      if (!parsed.success) throw await refused('arguments', describeProblems(parsed.error));
      const output = await calls.made(
        {
          ...{ ...asked, scope, changes: !tool.annotations.readOnlyHint },
          args: parsed.data as Readonly<Record<string, unknown>>,
        },
        (announce) => {
          const experiments = experimentsOf(call.caller, announce);
          return tool.run(parsed.data, {
            ...call,
            experiments: guardedExperiments(experiments, call.caller),
          });
        },
      );
      log.info({ ...answered('completed'), ...idsIn(output) }, 'tool call answered');
      return { ok: true, output: plainTexts(output), next: tool.next?.(output) };
    } catch (error) {
      const failure = runFailure(error);
      const own = FAILURES[failure.code].status >= 500;
      log[own ? 'warn' : 'info'](
        { ...answered('failed'), code: failure.code, err: error },
        'tool call failed',
      );
      return { ok: false, failure };
    }
  });
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
