import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterEach, describe, expect, it } from 'vitest';

import { openCaller, SCOPES, type Scope } from '../../../schemas/caller.ts';
import { Failure } from '../../../schemas/failure.ts';
import { guardedExperiments } from '../../../server/access/guarded-experiments.ts';
import type { Experiments } from '../../../server/experiments/experiments.ts';
import { serveLines } from '../../../server/lines.ts';
import { createMcpServerFactory } from '../../../server/mcp.ts';
import { createCallTool } from '../../../server/tools/call-tool.ts';
import { TOOLS } from '../../../server/tools/index.ts';
import { fileRequest } from '../fake-experiments.ts';
import { mcpRequest } from '../mcp-request.ts';
import { authorization, callerWith, createAskingDoors, SCOPE_SETS } from './known-callers.ts';

/** What we promise; the product’s own table is elsewhere. */
const PROMISED: Readonly<Record<string, { scope: Scope; args: Record<string, unknown> }>> = {
  mlflow_run_experiment: { scope: 'experiments:run', args: fileRequest },
  mlflow_validate_source: { scope: 'experiments:run', args: { source: fileRequest.source } },
  mlflow_get_run: { scope: 'runs:read', args: { run_id: 'r1' } },
  mlflow_list_runs: { scope: 'runs:read', args: { experiment_name: 'demo' } },
  mlflow_compare_runs: { scope: 'runs:read', args: { run_ids: ['r1', 'r2'] } },
  mlflow_retry_run: { scope: 'runs:control', args: { run_id: 'r1', reason: 'again' } },
  mlflow_cancel_run: { scope: 'runs:control', args: { run_id: 'r1', reason: 'enough' } },
  mlflow_get_audit: { scope: 'audit:read', args: { run_id: 'r1' } },
};
const RESOURCE = { uri: 'run://r1/report' };
const AUDIT = { uri: 'run://r1/audit' };
const TASK = { taskId: 'experiment-1' };
const METHODS: readonly [method: string, params: Record<string, unknown>, scope: Scope][] = [
  ['resources/read', RESOURCE, 'runs:read'],
  ['resources/read', AUDIT, 'audit:read'],
  ['tasks/get', TASK, 'runs:read'],
  ['tasks/update', { ...TASK, inputResponses: {} }, 'runs:control'],
  ['tasks/cancel', TASK, 'runs:control'],
];
const HOST = { host: 'localhost:8000' };
const JSON_TYPE = { 'content-type': 'application/json' };

type Doors = ReturnType<typeof createAskingDoors>;

const modern = (doors: Doors, scopes: readonly Scope[]) => (method: string, params: object) =>
  mcpRequest(
    (init) => {
      const headers = { ...(init.headers as object), ...HOST, ...authorization(scopes) };
      return doors.app.request('http://localhost:8000/mcp', { ...init, headers });
    },
    method,
    params as Record<string, unknown>,
  );

const older =
  (doors: Doors, scopes: readonly Scope[]) => async (method: string, params: object) => {
    const headers = {
      ...HOST,
      ...JSON_TYPE,
      ...authorization(scopes),
      accept: 'application/json, text/event-stream',
    };
    const response = await doors.app.request('http://localhost:8000/mcp', {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

const invoke = async (doors: Doors, scopes: readonly Scope[], tool: string, params: object) => {
  const response = await doors.app.request('/invoke', {
    ...{ method: 'POST', headers: { ...HOST, ...JSON_TYPE, ...authorization(scopes) } },
    body: JSON.stringify({ tool, params }),
  });
  return {
    response,
    body: (await response.json()) as { failure?: { code: string; hint: string } },
  };
};

const lines = async (doors: Doors, scopes: readonly Scope[], method: string, params: object) => {
  const output = new PassThrough();
  const line = JSON.stringify({ id: 1, method, params, ts_ms: 1000 });
  const identity = callerWith(scopes);
  await serveLines({
    ...doors.options,
    identity,
    output,
    input: Readable.from([line]),
    now: () => 1000,
  });
  output.end();
  return JSON.parse(await text(output)) as { error?: string; result?: { tools: object } };
};

const opened: Client[] = [];
afterEach(() => Promise.all(opened.splice(0).map((client) => client.close())));

/** Over stdio no HTTP gate stands before the tools. */
const connected = async (doors: Doors, scopes: readonly Scope[], mode: 'legacy' | 'auto') => {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const identity = callerWith(scopes);
  serveStdio(createMcpServerFactory({ ...doors.options, identity }), { transport: ours });
  const client = new Client({ name: 'x', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(theirs);
  opened.push(client);
  return client;
};

it('promises something of every tool', () => {
  expect(TOOLS.map(({ name }) => name)).toEqual(Object.keys(PROMISED));
});

describe.each(SCOPE_SETS.map((scopes) => [scopes.join(' ') || 'no scope', scopes] as const))(
  'a caller with %s',
  (_name, scopes) => {
    const mayCall = (name: string) => scopes.includes(PROMISED[name]!.scope);
    const allowed = TOOLS.filter(({ name }) => mayCall(name));

    it.each(TOOLS.map(({ name, dottedName }) => [name, dottedName]))(
      'reaches %s on every door, or on none',
      async (name, dottedName) => {
        const { args, scope } = PROMISED[name]!;
        const doors = createAskingDoors();
        for (const called of [name, dottedName]) {
          const call = { name: called, arguments: args };
          const statuses = [
            (await modern(doors, scopes)('tools/call', call)).status,
            (await older(doors, scopes)('tools/call', call)).status,
          ];
          expect(statuses).toEqual(mayCall(name) ? [200, 200] : [403, 403]);

          const { response, body } = await invoke(doors, scopes, called, args);
          const line = await lines(doors, scopes, called, args);
          const codes = [body.failure?.code, line.error];
          for (const mode of ['legacy', 'auto'] as const) {
            const client = await connected(doors, scopes, mode);
            const answer = await client.callTool(call);
            const { failure } = answer.structuredContent as { failure?: { code: string } };
            codes.push(failure?.code);
          }
          if (mayCall(name)) {
            expect(codes).not.toContain('SCOPE_MISSING');
            expect(doors.reached).not.toEqual([]);
          } else {
            expect(codes).toEqual(codes.map(() => 'SCOPE_MISSING'));
            expect(response.status).toBe(403);
            expect(response.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
            expect(body.failure?.hint).toContain(scope);
            expect(doors.reached).toEqual([]);
          }
        }
      },
    );

    it('sees what it may call, and nothing else, in the same order everywhere', async () => {
      const doors = createAskingDoors();
      const headers = { ...HOST, ...authorization(scopes) };
      const names = allowed.map(({ name }) => name);
      const dotted = allowed.map(({ dottedName }) => dottedName);

      const { result } = await modern(doors, scopes)('tools/list', {});
      expect((result?.['tools'] as { name: string }[]).map(({ name }) => name)).toEqual(names);
      expect(result).toMatchObject({ cacheScope: 'private' });
      const listed = await (await connected(doors, scopes, 'legacy')).listTools();
      expect(listed.tools.map(({ name }) => name)).toEqual(names);

      const catalogue = await (await doors.app.request('/tools', { headers })).json();
      expect(Object.keys((catalogue as { tools: object }).tools)).toEqual(dotted);
      const { result: schema } = await lines(doors, scopes, 'schema', {});
      expect(Object.keys(schema?.tools ?? {})).toEqual(dotted);
      const document = await (await doors.app.request('/openapi.json', { headers })).text();
      for (const { dottedName } of TOOLS) {
        expect(document.includes(dottedName), dottedName).toBe(dotted.includes(dottedName));
      }
    });

    it.each(METHODS)('reaches %s, or not', async (method, params, scope) => {
      const doors = createAskingDoors();
      const { status } = await modern(doors, scopes)(method, params);
      expect(status === 403).toBe(!scopes.includes(scope));
      const client = await connected(doors, scopes, 'auto');
      if (method === 'resources/read') {
        const read = client.readResource(params as typeof RESOURCE).then(String, String);
        expect((await read).includes('SCOPE_MISSING')).toBe(!scopes.includes(scope));
        const legacy = await older(doors, scopes)(method, params);
        expect(legacy.status === 403).toBe(!scopes.includes(scope));
      }
      expect(doors.reached.length > 0).toBe(scopes.includes(scope));
    });

    it('may read the prompts', async () => {
      const { status } = await modern(createAskingDoors(), scopes)('prompts/list', {});
      expect(status).toBe(200);
    });
  },
);

describe('each layer alone', () => {
  const everyCall = Object.entries(PROMISED).map(([name, { args, scope }]) => ({
    ...{ name, args, scope },
    scopes: SCOPE_SETS.find((set) => set.length === SCOPES.length - 1 && !set.includes(scope))!,
  }));
  /** The tools’ own check takes everybody for somebody who may do all. */
  const blind = () =>
    createAskingDoors(({ callTool }) => ({
      callTool: (name, args, call) => callTool(name, args, { ...call, caller: openCaller('x') }),
    }));

  it.each(everyCall)('the HTTP gate keeps $name', async ({ name, args, scopes }) => {
    const doors = blind();
    expect((await modern(doors, scopes)('tools/call', { name, arguments: args })).status).toBe(403);
    expect((await older(doors, scopes)('tools/call', { name, arguments: args })).status).toBe(403);
    expect((await invoke(doors, scopes, name, args)).response.status).toBe(403);
    expect(doors.reached).toEqual([]);
  });

  it.each(everyCall)('the tool’s own check keeps $name', async ({ name, args, scopes }) => {
    const doors = createAskingDoors();
    const caller = callerWith(scopes);
    const signal = new AbortController().signal;
    const call = { signal, caller, defaultWaitSeconds: 1 };
    expect(await doors.options.callTool(name, args, call)).toMatchObject({
      failure: { code: 'SCOPE_MISSING' },
    });
    expect(doors.reached).toEqual([]);
  });

  it.each(everyCall)('the guarded experiments keep $name', async ({ name, args, scopes }) => {
    const doors = createAskingDoors();
    const caller = callerWith(scopes);
    const experiments = guardedExperiments(doors.options.experimentsOf(), caller);
    const tool = TOOLS.find((one) => one.name === name)!;
    const context = { signal: new AbortController().signal, caller, defaultWaitSeconds: 1 };
    const called = tool.run(tool.input.parse(args), { ...context, experiments });
    await expect(called).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    expect(doors.reached).toEqual([]);
  });

  it.each<[Scope, (keyof Experiments)[]]>([
    ['experiments:run', ['inspect', 'start', 'wait']],
    ['runs:read', ['compare', 'follow', 'get', 'list', 'reportFile', 'wait']],
    ['runs:control', ['cancel', 'get', 'retry', 'wait']],
    ['audit:read', ['audit']],
  ])('the guarded experiments let %s do this alone', async (scope, operations) => {
    const all = createAskingDoors().options.experimentsOf();
    const guarded = guardedExperiments(all, callerWith([scope]));
    const allowed = await Promise.all(
      Object.entries(guarded).map(async ([name, operation]) => {
        const outcome = (operation as (...args: unknown[]) => Promise<unknown>)('r1', {});
        const error: unknown = await outcome.catch((cause: unknown) => cause);
        return error instanceof Failure && error.code === 'SCOPE_MISSING' ? [] : [name];
      }),
    );
    expect(allowed.flat().sort()).toEqual(operations);
  });

  it('the HTTP gate looks into every request of a batch', async () => {
    const doors = blind();
    const call = (id: number, name: string) => ({
      ...{ jsonrpc: '2.0', id, method: 'tools/call' },
      params: { name, arguments: PROMISED[name]!.args },
    });
    const reader = SCOPE_SETS.find((set) => set.join() === 'runs:read')!;
    const response = await doors.app.request('http://localhost:8000/mcp', {
      method: 'POST',
      headers: {
        ...HOST,
        ...JSON_TYPE,
        ...authorization(reader),
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify([call(1, 'mlflow_list_runs'), call(2, 'mlflow_cancel_run')]),
    });
    expect(response.status).not.toBe(200);
    expect(doors.reached).not.toContain('cancel');
  });
});

it('gives no task to a caller who could not ask for its result, but the answer itself', async () => {
  const starter = SCOPE_SETS.find((set) => set.join() === 'experiments:run')!;
  const call = { name: 'mlflow_run_experiment', arguments: fileRequest };
  const { result } = await modern(createAskingDoors(), starter)('tools/call', call);
  expect(result).toMatchObject({ resultType: 'complete', structuredContent: { run_id: 'r1' } });
});

it('refuses to serve a tool that nobody has decided about', () => {
  const stranger = { ...TOOLS[0]!, name: 'mlflow_delete_run', dottedName: 'mlflow.delete_run' };
  const { options } = createAskingDoors();
  const tools = [...TOOLS, stranger];
  const made = () => createCallTool({ ...options, tools });
  expect(made).toThrow(/No rule says who may call the tool mlflow_delete_run/);
});
