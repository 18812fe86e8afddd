import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A tool call of the played model; arguments that are a text are sent as they are, well-formed or not. */
export interface PlayedCall {
  readonly name: string;
  readonly arguments: unknown;
}

/** What the played model, or the API before it, answers to one request. */
export type Turn =
  | { readonly say: string; readonly reason?: string }
  | { readonly call: readonly PlayedCall[] }
  | {
      readonly status: number;
      readonly message: string;
      readonly headers?: Record<string, string>;
    };

/** A turn, or one that depends on what the tools have just answered. */
export type ScriptedTurn = Turn | ((results: readonly string[]) => Turn);

/** A refusal, as the API that is played would give it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** How one of the APIs speaks. */
export interface Dialect<Message> {
  readonly path: string;
  /** What is wrong with a request; undefined when the API would take it. */
  check(headers: IncomingHttpHeaders, body: unknown): Refusal | undefined;
  messagesOf(body: unknown): readonly Message[];
  /** The tools' answers in the last messages, as texts. */
  resultsIn(messages: readonly Message[]): readonly string[];
  /** The model's answer, and its message as the next request has to hold it. */
  answer(turn: Exclude<Turn, { status: number }>): {
    readonly body: unknown;
    readonly message: Message;
  };
  errorBody(refusal: Refusal): unknown;
}

export interface ScriptedApi {
  readonly url: string;
  /** The bodies of all requests. */
  readonly requests: readonly unknown[];
  /** What was wrong with requests; a test expects none. */
  readonly refusals: readonly string[];
  stop(): Promise<void>;
}

/** Plays an API whose model follows a script, a turn for each request; the last turn is repeated for ever. */
export async function startScriptedApi<Message>(
  dialect: Dialect<Message>,
  script: readonly ScriptedTurn[],
): Promise<ScriptedApi> {
  const requests: unknown[] = [];
  const refusals: string[] = [];
  let conversation: readonly Message[] = [];

  function respond(path: string, headers: IncomingHttpHeaders, body: unknown) {
    const refusal = path === dialect.path ? dialect.check(headers, body) : notFound(path);
    if (refusal) return error(refusal);
    const messages = dialect.messagesOf(body);
    const kept = messages.slice(0, conversation.length);
    if (JSON.stringify(kept) !== JSON.stringify(conversation)) {
      return error({ status: 400, message: 'The conversation is not the one so far.' });
    }
    const next = script[Math.min(requests.length, script.length) - 1] as ScriptedTurn;
    const turn = typeof next === 'function' ? next(dialect.resultsIn(messages)) : next;
    if ('status' in turn) {
      return { status: turn.status, headers: turn.headers, body: dialect.errorBody(turn) };
    }
    const answer = dialect.answer(turn);
    conversation = [...messages, answer.message];
    return { status: 200, body: answer.body };
  }

  function error(refusal: Refusal) {
    refusals.push(refusal.message);
    return { status: refusal.status, body: dialect.errorBody(refusal) };
  }

  const server = createServer((request, response) => {
    void text(request).then((received) => {
      const body: unknown = received === '' ? null : JSON.parse(received);
      requests.push(body);
      const answer = respond(request.url ?? '', request.headers, body);
      const headers = 'headers' in answer ? answer.headers : {};
      response.writeHead(answer.status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(answer.body));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    refusals,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function notFound(path: string): Refusal {
  return { status: 404, message: `There is no ${path}.` };
}
