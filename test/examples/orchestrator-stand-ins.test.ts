import { afterEach, describe, expect, it } from 'vitest';

import { anthropicDialect } from './stand-ins/anthropic-api.ts';
import { openAiDialect } from './stand-ins/openai-api.ts';
import { startScriptedApi, type ScriptedApi } from './stand-ins/scripted-api.ts';
import { schemaProblem } from './stand-ins/tool-schema.ts';

// What the tests of the orchestrators say is worth what their stand-ins refuse.
type Body = Record<string, unknown>;

let api: ScriptedApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

const parameters = { type: 'object', properties: { run_id: { type: 'string' } } };
const user = { role: 'user', content: 'Well?' };

async function post(path: string, headers: Record<string, string>, body: Body) {
  const response = await fetch(`${api!.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return response.status;
}

describe('the stand-in for OpenAI’s API', () => {
  const headers = { authorization: 'Bearer sk' };
  const ask = (body: Body, sent: Record<string, string> = headers) =>
    post('/v1/chat/completions', sent, body);
  const fn = (changes: object = {}) => ({
    type: 'function',
    function: { name: 'get_run', description: 'Gets.', parameters, ...changes },
  });
  const request = { model: 'gpt-5.4', messages: [user], tools: [fn()] };
  const call = (id: string) => ({
    ...{ id, type: 'function' },
    function: { name: 'get_run', arguments: '{}' },
  });
  const called = (...ids: string[]) => ({
    ...{ role: 'assistant', content: null },
    tool_calls: ids.map(call),
  });
  const answered = (id: string) => ({ role: 'tool', tool_call_id: id, content: '{}' });
  const start = async () => {
    api = await startScriptedApi(openAiDialect('sk'), [{ say: 'Yes.' }]);
  };

  it.each<[string, Body]>([
    ['a question', request],
    [
      'answered calls',
      { ...request, messages: [user, called('a', 'b'), answered('a'), answered('b')] },
    ],
    ['no effort', { ...request, model: 'gpt-5.6-terra', reasoning_effort: 'none' }],
  ])('takes %s', async (_case, body) => {
    await start();
    expect(await ask(body)).toBe(200);
  });

  it.each<[string, Body]>([
    ['a dot in a name', { ...request, tools: [fn({ name: 'mlflow.get_run' })] }],
    ['a long name', { ...request, tools: [fn({ name: 'a'.repeat(65) })] }],
    ['two tools of one name', { ...request, tools: [fn(), fn()] }],
    ['a long description', { ...request, tools: [fn({ description: 'a'.repeat(1025) })] }],
    ['a schema of another type', { ...request, tools: [fn({ parameters: { type: 'string' } })] }],
    ['no model', { ...request, model: undefined }],
    ['no messages', { ...request, messages: [] }],
    ['an unknown field', { ...request, max_rounds: 3 }],
    ['a model that thinks', { ...request, model: 'gpt-5.6-terra' }],
    ['a call without an answer', { ...request, messages: [user, called('a', 'b'), answered('a')] }],
    [
      'answers out of order',
      { ...request, messages: [user, called('a', 'b'), answered('b'), answered('a')] },
    ],
    [
      'two answers to a call',
      { ...request, messages: [user, called('a'), answered('a'), answered('a')] },
    ],
    ['an answer to nothing', { ...request, messages: [user, answered('a')] }],
    ['talk before the answer', { ...request, messages: [user, called('a'), user, answered('a')] }],
  ])('refuses %s', async (_case, body) => {
    await start();
    expect(await ask(body)).toBe(400);
    expect(api?.refusals).toHaveLength(1);
  });

  it('refuses another key, another address, and a conversation that was changed', async () => {
    await start();
    expect(await ask(request, { authorization: 'Bearer other' })).toBe(401);
    expect(await post('/chat/completions', headers, request)).toBe(404);
    expect(await ask(request)).toBe(200);
    expect(await ask({ ...request, messages: [user, user] })).toBe(400);
  });
});

describe('the stand-in for Anthropic’s API', () => {
  const headers = { authorization: 'Bearer sk', 'anthropic-version': '2026-10-21' };
  const ask = (body: Body, sent: Record<string, string> = headers) =>
    post('/v1/messages', sent, body);
  const tool = (changes: object = {}) => ({
    ...{ name: 'get_run', description: 'Gets.', input_schema: parameters },
    ...changes,
  });
  const request = {
    ...{ model: 'claude-sonnet-5-5', max_tokens: 1000, system: 'Be short.' },
    ...{ messages: [user], tools: [tool()] },
  };
  const called = (...ids: string[]) => ({
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'get_run', input: {} })),
  });
  const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
  const text = { type: 'text', text: 'And?' };
  const answered = (...content: object[]) => ({ role: 'user', content });
  const start = async () => {
    api = await startScriptedApi(anthropicDialect('sk'), [{ say: 'Yes.' }]);
  };

  it.each<[string, Body]>([
    ['a question', request],
    [
      'results and then text',
      { ...request, messages: [user, called('a', 'b'), answered(result('a'), result('b'), text)] },
    ],
  ])('takes %s', async (_case, body) => {
    await start();
    expect(await ask(body)).toBe(200);
  });

  it.each<[string, Body]>([
    ['a dot in a name', { ...request, tools: [tool({ name: 'mlflow.get_run' })] }],
    ['two tools of one name', { ...request, tools: [tool(), tool()] }],
    ['a schema in the wrong place', { ...request, tools: [tool({ inputSchema: {} })] }],
    [
      'a combined schema',
      { ...request, tools: [tool({ input_schema: { type: 'object', oneOf: [{}] } })] },
    ],
    ['no max_tokens', { ...request, max_tokens: undefined }],
    ['a temperature', { ...request, temperature: 0 }],
    ['an empty text', { ...request, messages: [answered({ type: 'text', text: ' ' })] }],
    ['an assistant who begins', { ...request, messages: [called('a'), answered(result('a'))] }],
    ['an assistant who ends', { ...request, messages: [user, called('a')] }],
    ['one role twice', { ...request, messages: [user, user] }],
    [
      'a call without a result',
      { ...request, messages: [user, called('a', 'b'), answered(result('a'))] },
    ],
    [
      'text before the result',
      { ...request, messages: [user, called('a'), answered(text, result('a'))] },
    ],
    [
      'two results of a call',
      { ...request, messages: [user, called('a'), answered(result('a'), result('a'))] },
    ],
    ['a result of nothing', { ...request, messages: [answered(result('a'))] }],
  ])('refuses %s', async (_case, body) => {
    await start();
    expect(await ask(body)).toBe(400);
    expect(api?.refusals).toHaveLength(1);
  });

  it('refuses another key and a request without a version', async () => {
    await start();
    expect(await ask(request, { ...headers, authorization: 'Bearer other' })).toBe(401);
    expect(await ask(request, { authorization: headers.authorization })).toBe(400);
  });
});

describe('the check of a tool’s schema', () => {
  it.each<[string, Body]>([
    ['an unknown type', { type: 'object', properties: { a: { type: 'strnig' } } }],
    ['a bound that is a text', { type: 'object', properties: { a: { minLength: '1' } } }],
    ['a list of anything', { type: 'object', properties: { a: { type: 'array' } } }],
    ['a required that is no list', { type: 'object', required: 'a' }],
    ['an argument with a space', { type: 'object', properties: { 'a b': { type: 'string' } } }],
    ['a reference for the whole', { type: 'object', $ref: '#/$defs/a', $defs: { a: {} } }],
  ])('refuses %s', (_case, schema) => {
    expect(schemaProblem(schema)).toBeDefined();
  });
});
