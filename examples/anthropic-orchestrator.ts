// Has a Claude model answer a question by running experiments, through the Messages API and our MCP server:
//   ANTHROPIC_API_KEY=… npm run --silent example:anthropic -- "How well do f1, f2 and f3 of train.csv tell the label?"
// The API’s own MCP connector reaches public servers only; this reaches one on your machine.
import Anthropic from '@anthropic-ai/sdk';
import { Client, SdkHttpError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import {
  INSTRUCTIONS,
  noServer,
  notLetIn,
  type Command,
  runCommand,
  showCall,
  tooManyRounds,
} from './orchestrator-command.ts';

/** Of one answer, thinking and tool calls included. */
const MAX_TOKENS = 16_000;

const NO_ANSWER = {
  type: 'text' as const,
  text:
    'NO_ANSWER: The server did not answer. What it has started goes on.\n' +
    'Hint: Repeat the call with the same arguments and idempotency_key; give up when that fails, too.',
};

await runCommand('claude-sonnet-5-5', async (command) => {
  const { question, model, rounds, effort } = command;
  const anthropic = new Anthropic();
  const mcp = await connect(command);
  try {
    const tools = await listTools(mcp);
    const system = `${INSTRUCTIONS}\n\n${mcp.getInstructions() ?? ''}`.trim();
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
    for (let round = 0; round < rounds; round += 1) {
      const { content, stop_reason: reason } = await createMessage(anthropic, {
        ...{ model, system, messages, tools, max_tokens: MAX_TOKENS },
        ...(effort !== undefined && { output_config: { effort: effort as 'low' } }),
      });
      if (reason === 'end_turn' || reason === 'stop_sequence') return text(content);
      if (reason !== 'tool_use') {
        throw new Error(`The model did not end its answer (${reason}): ${text(content)}`);
      }
      const calls = content.filter((block) => block.type === 'tool_use');
      // Every call gets one result, and all results are in the one message that follows.
      const results = await Promise.all(calls.map((call) => answerCall(mcp, call)));
      messages.push({ role: 'assistant', content }, { role: 'user', content: results });
    }
    throw tooManyRounds(rounds);
  } finally {
    await mcp.close();
  }
});

async function connect({ server, credentials }: Command): Promise<Client> {
  const client = new Client(
    { name: 'anthropic-orchestrator', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  try {
    const requestInit = { headers: credentials };
    await client.connect(
      new StreamableHTTPClientTransport(new URL('/mcp', server), { requestInit }),
    );
    return client;
  } catch (cause) {
    const refused = cause instanceof SdkHttpError && cause.data?.status === 401;
    throw refused ? notLetIn(server, cause) : noServer(server, cause);
  }
}

/** The server’s tools, whose MCP schemas the Messages API takes as they are. */
async function listTools(mcp: Client): Promise<Anthropic.Tool[]> {
  const { tools } = await mcp.listTools();
  return tools.map(({ name, description = '', inputSchema }) => ({
    ...{ name, description },
    input_schema: inputSchema as Anthropic.Tool.InputSchema,
  }));
}

/** One answer of the model. The client repeats by itself what failed for a moment (429, 5xx, lost connections). */
async function createMessage(
  anthropic: Anthropic,
  request: Anthropic.MessageCreateParamsNonStreaming,
): Promise<Anthropic.Message> {
  try {
    return await anthropic.messages.create(request);
  } catch (cause) {
    // Found out late: a key may also come from a profile on disk.
    const unknown = cause instanceof Error && cause.message.includes('authentication method');
    const message = unknown
      ? 'Anthropic’s API needs a key: set ANTHROPIC_API_KEY.'
      : 'Anthropic’s API refused the request or did not answer.';
    throw new Error(message, { cause });
  }
}

/** What the tool answered. A failure is an answer as well: the model reads its hint and tries again. */
async function answerCall(
  mcp: Client,
  call: Anthropic.ToolUseBlock,
): Promise<Anthropic.ToolResultBlockParam> {
  const args = call.input as Record<string, unknown>;
  const { content, isError = false } = await mcp
    .callTool({ name: call.name, arguments: args })
    .catch(() => ({ content: [NO_ANSWER], isError: true }));
  const result = content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  showCall(call.name, JSON.stringify(args), result);
  return { type: 'tool_result', tool_use_id: call.id, content: result, is_error: isError };
}

function text(content: readonly Anthropic.ContentBlock[]): string {
  return content
    .filter((block) => block.type === 'text')
    .map((block) => block.text)
    .join('\n');
}
