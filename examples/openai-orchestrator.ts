// Has an OpenAI model answer a question by running experiments, through function calling and POST /invoke:
//   OPENAI_API_KEY=… npm run --silent example:openai -- "How well do f1, f2 and f3 of train.csv tell the label?"
// OPENAI_BASE_URL leads to any other server that speaks Chat Completions.
import OpenAI from 'openai';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions';

import {
  INSTRUCTIONS,
  noServer,
  notLetIn,
  type Command,
  runCommand,
  showCall,
  tooManyRounds,
} from './orchestrator-command.ts';

await runCommand('gpt-5.4', async (command) => {
  const { question, model, rounds, effort } = command;
  const openai = createClient();
  const tools = await listFunctions(command);
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: question },
  ];
  for (let round = 0; round < rounds; round += 1) {
    const { message, finish_reason: reason } = await complete(openai, {
      ...{ model, messages, tools },
      // Models after GPT-5.4 take tools here only with --effort none.
      ...(effort !== undefined && { reasoning_effort: effort as 'none' }),
    });
    messages.push(message);
    const calls = message.tool_calls ?? [];
    if (calls.length === 0) {
      if (reason === 'stop') return message.content ?? message.refusal ?? '';
      throw new Error(`The model did not end its answer (${reason}): ${message.content ?? ''}`);
    }
    // Every call gets one answer, in the order of the calls.
    messages.push(...(await Promise.all(calls.map((call) => answerCall(command, call)))));
  }
  throw tooManyRounds(rounds);
});

function createClient(): OpenAI {
  try {
    return new OpenAI();
  } catch (cause) {
    throw new Error('OpenAI’s API needs a key: set OPENAI_API_KEY.', { cause });
  }
}

/** One answer of the model. The client repeats by itself what failed for a moment (429, 5xx, lost connections). */
async function complete(openai: OpenAI, request: ChatCompletionCreateParamsNonStreaming) {
  const completion = await openai.chat.completions.create(request).catch((cause: unknown) => {
    throw new Error('OpenAI’s API refused the request or did not answer.', { cause });
  });
  const [choice] = completion.choices;
  if (!choice) throw new Error('OpenAI’s API answered without a message.');
  return choice;
}

/** The tools as functions; their names without dots, which OpenAI does not allow and /invoke does not need. */
async function listFunctions({
  server,
  credentials,
}: Command): Promise<ChatCompletionFunctionTool[]> {
  const response = await fetch(`${server}/tools`, { headers: credentials }).catch(
    (cause: unknown) => {
      throw noServer(server, cause);
    },
  );
  if (response.status === 401) throw notLetIn(server);
  try {
    const { tools } = (await response.json()) as {
      tools: Record<string, { description: string; params: Record<string, unknown> }>;
    };
    return Object.entries(tools).map(([name, { description, params }]) => ({
      type: 'function',
      function: { name: name.replaceAll('.', '_'), description, parameters: params },
    }));
  } catch (cause) {
    throw noServer(server, cause);
  }
}

async function answerCall(
  command: Command,
  call: ChatCompletionMessageToolCall,
): Promise<ChatCompletionMessageParam> {
  const { name, arguments: args } =
    call.type === 'function' ? call.function : { name: call.custom.name, arguments: '' };
  const content = JSON.stringify(await callTool(command, name, args));
  showCall(name, args, content);
  return { role: 'tool', tool_call_id: call.id, content };
}

/** What the tool answered. A failure is an answer as well: the model reads its hint and tries again. */
async function callTool(
  { server, credentials }: Command,
  tool: string,
  args: string,
): Promise<unknown> {
  let params: unknown;
  try {
    params = JSON.parse(args);
  } catch {
    return failure('INVALID_REQUEST', 'The arguments are not JSON.', 'Send one JSON object.');
  }
  try {
    const response = await fetch(`${server}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentials },
      body: JSON.stringify({ tool, params }),
    });
    const answer = (await response.json()) as { result: unknown; failure?: unknown };
    return answer.failure === undefined ? answer.result : { failure: answer.failure };
  } catch {
    return failure(
      'NO_ANSWER',
      'The server did not answer. What it has started goes on.',
      'Repeat the call with the same arguments and idempotency_key; give up when that fails, too.',
    );
  }
}

function failure(code: string, message: string, hint: string) {
  return { failure: { code, message, hint } };
}
