import type { Context } from 'hono';
import { z } from 'zod';

import { FAILURES, Failure } from '../../schemas/failure.ts';
import type { Authentication } from '../access/authentication.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import { scopeMissing, scopeOfRequest, toolOfName } from '../access/rules.ts';
import { strangerOf } from '../access/stranger.ts';
import { unrecorded, type CallAudit } from '../audit/call-audit.ts';
import { describeProblems } from '../tools/argument-problems.ts';
import type { CallOutcome, CallTool } from '../tools/call-tool.ts';
import { runFailure } from '../tools/run-failure.ts';
import { parseLeniently } from '../tools/lenient-arguments.ts';
import type { Tool } from '../tools/tool.ts';
import { challengeHeaders } from './refusal.ts';

export const invokeSchema = z.object({
  tool: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});

/** The mission document's router waits three minutes for a tool. */
const WAIT_SECONDS = 180;

export interface InvokeOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  readonly authentication?: Authentication | undefined;
  readonly calls?: CallAudit | undefined;
}

/** POST /invoke: the mission document's request and answer, plus `failure` and a status that fits. */
export function invokeRoute({
  tools,
  callTool,
  authentication,
  calls = unrecorded,
}: InvokeOptions) {
  const metadataUrl = authentication?.resource?.metadataUrl;
  return async (c: Context<DoorEnvironment>): Promise<Response> => {
    const startedAt = performance.now();
    const request = await readRequest(c);
    const caller = c.get('caller') ?? strangerOf(authentication)('http');
    const name = request instanceof Failure ? '' : request.tool;
    const nameOf = (called: string) => toolOfName(tools, called)?.name ?? called;
    const scope = scopeOfRequest(tools, { method: 'tools/call', params: { name } });
    const outcome = await outcomeOf(request);
    const body = {
      request_id: c.get('requestId'),
      tool: name,
      duration_ms: Math.round(performance.now() - startedAt),
      result: outcome.ok ? outcome.output : null,
      error: outcome.ok ? null : outcome.failure.message,
      ...(outcome.ok ? {} : { failure: outcome.failure }),
    };
    if (outcome.ok) return Response.json(body);
    const { failure } = outcome;
    const challenge = { scopes: scope && [scope], metadataUrl };
    return Response.json(body, {
      status: FAILURES[failure.code].status,
      headers: challengeHeaders(failure, challenge),
    });

    async function outcomeOf(asked: typeof request): Promise<CallOutcome> {
      if (asked instanceof Failure) return { ok: false, failure: runFailure(asked) };
      const requestId = c.get('requestId');
      const call = {
        signal: c.req.raw.signal,
        caller,
        defaultWaitSeconds: WAIT_SECONDS,
        requestId,
      };
      if (scope !== undefined && !caller.scopes.includes(scope)) {
        const failure = scopeMissing(scope);
        await calls.refused({
          ...call,
          name: nameOf(asked.tool),
          failure,
          rule: `scope ${scope}`,
          args: asked.params,
        });
        return { ok: false, failure: runFailure(failure) };
      }
      return callTool(asked.tool, asked.params, call);
    }
  };
}

async function readRequest(
  c: Context<DoorEnvironment>,
): Promise<z.output<typeof invokeSchema> | Failure> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch {
    return new Failure(
      'INVALID_REQUEST',
      'The body is not JSON.',
      'Send {"tool": "mlflow.run_experiment", "params": {…}} as application/json.',
    );
  }
  const parsed = parseLeniently(invokeSchema, body);
  return parsed.success ? parsed.data : describeProblems(parsed.error);
}
