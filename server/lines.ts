import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { z } from 'zod';

import { openCaller, type Caller } from '../schemas/caller.ts';
import { Failure } from '../schemas/failure.ts';
import { toolCatalogue } from './routes/tools.ts';
import { describeProblems } from './tools/argument-problems.ts';
import type { CallTool } from './tools/call-tool.ts';
import { runFailure } from './tools/run-failure.ts';
import { toolsFor } from './access/rules.ts';
import { parseLeniently } from './tools/lenient-arguments.ts';
import type { Tool } from './tools/tool.ts';

const lineSchema = z.object({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  ts_ms: z.number().default(0),
});

const OLDEST_MILLISECONDS = 60_000;
const WAIT_SECONDS = 180;

export interface LinesOptions {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  /** Who calls; nobody in particular on a server that is open to all. */
  readonly identity?: Caller | undefined;
  readonly input: Readable;
  readonly output: Writable;
  readonly now: () => number;
}

/**
 * The mission document's own protocol: one JSON object a line in, {id, method, params, ts_ms}, and one
 * a line out, {id, ok, result} or {id, ok, error, message}. Lines are answered as they finish.
 * Resolves when the input has ended and every answer is written.
 */
export async function serveLines(options: LinesOptions): Promise<void> {
  const pending = new Set<Promise<void>>();
  for await (const line of createInterface({ input: options.input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const answered = answerLine(options, line).then((answer) => {
      options.output.write(`${JSON.stringify(answer)}\n`);
      pending.delete(answered);
    });
    pending.add(answered);
  }
  await Promise.all(pending);
}

async function answerLine(options: LinesOptions, line: string) {
  let id: unknown = null;
  try {
    const message = parseLine(line, (found) => (id = found));
    if (options.now() - message.ts_ms > OLDEST_MILLISECONDS) throw tooOld();
    const caller = options.identity ?? openCaller('lines');
    const tools = toolsFor(options.tools, caller);
    if (message.method === 'schema') return { id, ok: true, result: toolCatalogue(tools) };
    const outcome = await options.callTool(message.method, message.params, {
      signal: new AbortController().signal,
      caller,
      defaultWaitSeconds: WAIT_SECONDS,
    });
    if (outcome.ok) return { id, ok: true, result: outcome.output };
    const { failure } = outcome;
    return { id, ok: false, error: failure.code, message: failure.message, failure };
  } catch (error) {
    const failure = runFailure(error);
    return { id, ok: false, error: failure.code, message: failure.message, failure };
  }
}

function parseLine(line: string, foundId: (id: unknown) => void): z.output<typeof lineSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Failure(
      'INVALID_REQUEST',
      'The line is not JSON.',
      'Send one object a line: {"id", "method", "params", "ts_ms"}.',
    );
  }
  if (typeof value === 'object' && value !== null && 'id' in value) foundId(value.id);
  const parsed = parseLeniently(lineSchema, value);
  if (!parsed.success) throw describeProblems(parsed.error);
  return parsed.data;
}

function tooOld(): Failure {
  return new Failure(
    'REQUEST_TOO_OLD',
    'The request is older than 60 seconds.',
    'Send ts_ms: the present time in milliseconds since 1970.',
  );
}
