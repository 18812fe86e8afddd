import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { countTokens } from 'gpt-tokenizer';

/** What a task has cost its model. */
export interface Bill {
  calls: number;
  /** Tokens of all answers' texts, and of their structured content. */
  text: number;
  structured: number;
  /** The most that one answer took, in either form. */
  largest: number;
}

export interface Answer {
  readonly ok: boolean;
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string };
  /** The larger of its two forms. */
  readonly tokens: number;
}

interface CallOptions {
  /** Milliseconds after which the client gives up, as clients do after a minute. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly onprogress?: () => void;
}

/** A client that does what it is told, whatever a wise one would do. */
export interface Agent {
  /** @throws what the client's library throws when there is no answer */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<Answer>;
  /** The tokens of a resource's text. */
  read(uri: string): Promise<number>;
  close(): Promise<void>;
}

/** The newer client in the newer revision, and the older client in the older ones. */
export const ERAS = ['2026-07-28', '2025'] as const;
export type Era = (typeof ERAS)[number];

/** Connects an agent whose calls are put on the bill, lost ones as well. */
export async function connectAgent(url: string, era: Era, bill: Bill): Promise<Agent> {
  const { send, read, close } = await (era === '2025' ? olderClient : newerClient)(
    new URL('/mcp', url),
  );
  return {
    close,
    async read(uri) {
      const { contents } = await read(uri);
      return contents.reduce((sum, part) => sum + countTokens('text' in part ? part.text : ''), 0);
    },
    async call(name, args, options = {}) {
      bill.calls += 1;
      const { isError, content, structuredContent } = await send(name, args, options);
      const text = content.map((part) => part.text ?? '').join('\n');
      const structured = (structuredContent ?? {}) as Answer['structured'];
      const tokens = {
        text: countTokens(text),
        structured: countTokens(JSON.stringify(structured)),
      };
      bill.text += tokens.text;
      bill.structured += tokens.structured;
      bill.largest = Math.max(bill.largest, tokens.text, tokens.structured);
      return {
        ...{ ok: isError !== true, text, structured },
        failure: (structured['failure'] ?? {}) as Answer['failure'],
        tokens: Math.max(tokens.text, tokens.structured),
      };
    },
  };
}

interface Result {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: unknown;
}

type Send = (name: string, args: Record<string, unknown>, options: CallOptions) => Promise<Result>;

const CLIENT = { name: 'scripted-agent', version: '1' };

interface Connected {
  readonly send: Send;
  readonly read: (uri: string) => Promise<{ contents: ({ text: string } | { blob: string })[] }>;
  readonly close: () => Promise<void>;
}

async function newerClient(url: URL): Promise<Connected> {
  const client = new Client(CLIENT, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(url));
  return {
    send: async (name, args, options) =>
      (await client.callTool({ name, arguments: args }, options)) as Result,
    read: (uri) => client.readResource({ uri }),
    close: () => client.close(),
  };
}

async function olderClient(url: URL): Promise<Connected> {
  const client = new OlderClient(CLIENT);
  await client.connect(new OlderTransport(url));
  return {
    send: async (name, args, options) =>
      (await client.callTool({ name, arguments: args }, undefined, options)) as Result,
    read: (uri) => client.readResource({ uri }),
    close: () => client.close(),
  };
}
