import { randomUUID } from 'node:crypto';

import type { Context } from 'hono';
import { z } from 'zod';

import { openCaller } from '../../schemas/caller.ts';
import { FAILURES, Failure } from '../../schemas/failure.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import { describeProblems } from '../tools/argument-problems.ts';
import { runFailure, type CallOutcome, type CallTool } from '../tools/call-tool.ts';
import { parseLeniently } from '../tools/lenient-arguments.ts';

export const invokeSchema = z.object({
  tool: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
});

/** The mission document's router waits three minutes for a tool. */
const WAIT_SECONDS = 180;

/** POST /invoke: the mission document's request and answer, plus `failure` and a status that fits. */
export function invokeRoute(callTool: CallTool) {
  return async (c: Context<DoorEnvironment>): Promise<Response> => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const request = await readRequest(c);
    const outcome: CallOutcome =
      request instanceof Failure
        ? { ok: false, failure: runFailure(request) }
        : await callTool(request.tool, request.params, {
            signal: c.req.raw.signal,
            caller: c.get('caller') ?? openCaller('http'),
            defaultWaitSeconds: WAIT_SECONDS,
          });
    const answer = {
      request_id: requestId,
      tool: request instanceof Failure ? '' : request.tool,
      duration_ms: Math.round(performance.now() - startedAt),
      result: outcome.ok ? outcome.output : null,
      error: outcome.ok ? null : outcome.failure.message,
      ...(outcome.ok ? {} : { failure: outcome.failure }),
    };
    return Response.json(answer, {
      status: outcome.ok ? 200 : FAILURES[outcome.failure.code].status,
    });
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
