import { Counter, Histogram, type Registry } from 'prom-client';

import { codeLabel, oneOf } from './label-values.ts';

/** Why a request or a call was turned away at the door, or for now. */
export const REFUSAL_REASONS = [
  'address_rate',
  'caller_rate',
  'operation_rate',
  'quota',
  'unauthenticated',
  'other',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface CallMetrics {
  /** A tool has answered. @param code that of its failure */
  answered(tool: string, seconds: number, code?: string): void;
  refused(reason: RefusalReason): void;
}

/** @param tools the names that are shown as they are */
export function createCallMetrics(registry: Registry, tools: readonly string[]): CallMetrics {
  const registers = [registry];
  const known = new Set(tools);
  const calls = new Counter({
    name: 'durable_experiments_tool_calls_total',
    help: 'Calls of tools, by tool and the code of their failure (none where nothing failed).',
    ...{ labelNames: ['tool', 'code'] as const, registers },
  });
  for (const tool of tools) calls.inc({ tool, code: codeLabel(undefined) }, 0);
  const duration = new Histogram({
    name: 'durable_experiments_tool_call_duration_seconds',
    help: 'How long a call of a tool took; some wait for a run as long as they are told.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180],
    ...{ labelNames: ['tool'] as const, registers },
  });
  const refusals = new Counter({
    name: 'durable_experiments_refusals_total',
    help: 'Requests that the door refused, and calls beyond a rate or a quota, by reason.',
    ...{ labelNames: ['reason'] as const, registers },
  });
  for (const reason of REFUSAL_REASONS) refusals.inc({ reason }, 0);
  return {
    answered(name, seconds, code) {
      const tool = oneOf(known, name);
      calls.inc({ tool, code: codeLabel(code) });
      duration.observe({ tool }, seconds);
    },
    refused: (reason) => refusals.inc({ reason }),
  };
}
