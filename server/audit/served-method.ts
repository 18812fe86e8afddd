import type { ServerContext } from '@modelcontextprotocol/server';

import type { Experiments } from '../experiments/experiments.ts';

/** A request of one of MCP's methods. */
export interface MethodRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Serves a method other than tools/call with the experiments of its caller, and records that it did. */
export type ServedMethod = <Answer>(
  request: MethodRequest,
  context: ServerContext,
  work: (experiments: Experiments) => Promise<Answer>,
) => Promise<Answer>;
