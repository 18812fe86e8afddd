import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it } from 'vitest';

import type { RunAnswer } from '../../schemas/run-view.ts';
import { createDoors, failedRun, fileRequest } from './fake-experiments.ts';

const URL_OF_MCP = new URL('http://localhost:8000/mcp');

/** A fetch that ends in the app itself: no port is opened. */
function fetchInto(doors: ReturnType<typeof createDoors>) {
  return async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    headers.set('host', 'localhost:8000');
    return doors.app.request(String(url), { ...init, headers });
  };
}

async function newerClient(doors: ReturnType<typeof createDoors>) {
  const client = new Client(
    { name: 'some-agent', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StreamableHTTPClientTransport(URL_OF_MCP, { fetch: fetchInto(doors) }));
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  return client;
}

async function olderClient(doors: ReturnType<typeof createDoors>) {
  const client = new OlderClient({ name: 'some-agent', version: '1' });
  // The v1 package was written without exactOptionalPropertyTypes.
  await client.connect(new OlderTransport(URL_OF_MCP, { fetch: fetchInto(doors) }));
  return client;
}

/** What a client that shows only texts tells its model. */
function toldIn(result: unknown): unknown {
  const { content } = result as { content: { text: string }[] };
  const [first] = content;
  return JSON.parse(first?.text ?? '');
}

const stillRunning: Omit<RunAnswer, 'workflow_id'> = {
  ...{ run_id: null, experiment_id: null, status: 'RUNNING', metrics: {}, warnings: [] },
  links: { mlflow: null, temporal: null },
};

describe.each([
  ['the 2026-07-28 revision', newerClient, 'some-agent'],
  // Without a session an older client names itself only in a request that is not this one.
  ['the 2025 revisions', olderClient, 'mcp'],
])('MCP in %s', (_era, connect, caller) => {
  it('lists the tools with schemas and annotations, under names every model takes', async () => {
    const client = await connect(createDoors());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      ...['mlflow_run_experiment', 'mlflow_validate_source', 'mlflow_get_run', 'mlflow_list_runs'],
      ...['mlflow_compare_runs', 'mlflow_retry_run', 'mlflow_cancel_run', 'mlflow_get_audit'],
    ]);
    for (const tool of tools) {
      expect(tool.inputSchema.type).toBe('object');
      expect(tool.outputSchema?.type).toBe('object');
      expect(tool.annotations).toMatchObject({ readOnlyHint: expect.any(Boolean) as boolean });
    }
    await client.close();
  });

  it.each(['mlflow_run_experiment', 'mlflow.run_experiment'])('calls %s', async (name) => {
    const doors = createDoors();
    const client = await connect(doors);
    const result = await client.callTool({ name, arguments: fileRequest });
    expect(result.isError ?? false).toBe(false);
    expect(result.structuredContent).toMatchObject({ run_id: 'r1', status: 'FINISHED' });
    expect(toldIn(result)).toEqual(result.structuredContent);
    expect(doors.waits).toEqual([30]);
    expect(doors.callers).toEqual([caller]);
    await client.close();
  });

  it('answers a failed run as an error of the tool, with code, step and hint', async () => {
    const client = await connect(createDoors({ wait: () => Promise.reject(failedRun) }));
    const result = await client.callTool({ name: 'mlflow_run_experiment', arguments: fileRequest });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({
      failure: { code: 'ONE_CLASS', step: 'load', run_id: 'r2' },
    });
    expect(toldIn(result)).toEqual(result.structuredContent);
    await client.close();
  });

  it('says in a text of its own how to go on', async () => {
    const client = await connect(
      createDoors({ wait: async (workflow_id) => ({ ...stillRunning, workflow_id }) }),
    );
    const result = await client.callTool({ name: 'mlflow_run_experiment', arguments: fileRequest });
    expect(toldIn(result)).toEqual(result.structuredContent);
    expect(result.content).toMatchObject([
      {},
      { text: expect.stringMatching(/mlflow_get_run with run_id experiment-1 /) as string },
    ]);
    await client.close();
  });

  it('answers wrong arguments and unknown tools likewise', async () => {
    const client = await connect(createDoors());
    const wrong = await client.callTool({ name: 'mlflow_get_run', arguments: { run: 'x' } });
    expect(wrong.structuredContent).toMatchObject({ failure: { code: 'INVALID_REQUEST' } });
    const unknown = await client.callTool({ name: 'mlflow_fly', arguments: {} });
    expect(unknown.isError).toBe(true);
    await client.close();
  });

  it('sends progress in words to a client that asks for it', async () => {
    const client = await connect(createDoors());
    const heard: (string | undefined)[] = [];
    const call = { name: 'mlflow_run_experiment', arguments: fileRequest };
    const onprogress = ({ message }: { message?: string | undefined }) => heard.push(message);
    if (client instanceof OlderClient) await client.callTool(call, undefined, { onprogress });
    else await client.callTool(call, { onprogress });
    expect(heard).toEqual(['train: iteration 3']);
    await client.close();
  });

  it('offers prompts, and says what one lacks', async () => {
    const client = await connect(createDoors());
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['first_experiment', 'diagnose_run']);
    const { messages } = await client.getPrompt({
      ...{ name: 'diagnose_run', arguments: { run_id: 'r7' } },
    });
    expect(JSON.stringify(messages)).toContain('run r7');
    await expect(client.getPrompt({ name: 'diagnose_run' })).rejects.toThrow(/needs run_id/);
    await expect(client.getPrompt({ name: 'other' })).rejects.toThrow(/no prompt other/);
    await client.close();
  });

  it('offers the reports of runs as resources, and knows those that are none', async () => {
    const client = await connect(
      createDoors({ reportFile: async (_, name) => Buffer.from(`# ${name}`) }),
    );
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain(
      'run://{run_id}/report',
    );
    const { contents } = await client.readResource({ uri: 'run://r1/report' });
    expect(contents).toEqual([
      { uri: 'run://r1/report', mimeType: 'text/markdown', text: '# card.md' },
    ]);
    await expect(client.readResource({ uri: 'run://r1/nothing' })).rejects.toThrow(/not found/i);
    await expect(client.readResource({ uri: 'run://r1/history' })).rejects.toThrow(/not found/i);
    await client.close();
  });
});
