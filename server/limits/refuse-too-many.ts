import type { Failure } from '../../schemas/failure.ts';
import { refusal } from '../routes/refusal.ts';
import { runFailure } from '../tools/run-failure.ts';

/**
 * 429 before any tool is called. MCP has no code for it yet (SEP-3304 is a draft), and clients show their
 * models the body of such an answer: so it says in words, too, when to come again.
 */
export function refuseTooMany(failure: Failure, path: string): Response {
  const answer = refusal(failure);
  if (path !== '/mcp') return answer;
  const message = `${failure.code}: ${failure.message} ${failure.hint}`;
  const error = { code: -32000, message, data: runFailure(failure) };
  return Response.json({ jsonrpc: '2.0', error, id: null }, answer);
}
