import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, type McpServerFactory } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { describe, expect, it } from 'vitest';

import { createMcpServerFactory } from '../../server/mcp.ts';
import { createDoors } from '../server/fake-experiments.ts';
import { fixtureServers } from './fixtures/fixture-servers.ts';

const product = createMcpServerFactory(createDoors().options);

/** A client at the other end of a connection that lasts, as over stdio. */
async function connect(servers: McpServerFactory, mode: 'legacy' | { pin: '2026-07-28' }) {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  serveStdio(servers, { transport: ours });
  const client = new Client(
    { name: 'some-agent', version: '1' },
    { versionNegotiation: { mode }, capabilities: { elicitation: {}, sampling: {} } },
  );
  client.setRequestHandler('elicitation/create', () => ({
    action: 'accept',
    content: { name: 'Ada' },
  }));
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'some-model',
    content: { type: 'text', text: 'Paris' },
  }));
  await client.connect(theirs);
  return client;
}

// Over HTTP the older revisions fail these: see expected-failures.ts.
describe.each([
  ['2025-11-25', 'legacy' as const],
  ['2026-07-28', { pin: '2026-07-28' as const }],
])('a connection of %s', (revision, mode) => {
  it('lists the product’s tools', async () => {
    const client = await connect(product, mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('mlflow_run_experiment');
    await client.close();
  });

  it.each([
    ['its user', 'test_input_required_result_elicitation', 'Hello, Ada!'],
    ['its model', 'test_input_required_result_sampling', 'Sampling response: Paris'],
  ])('lets a tool ask %s in the middle of a call', async (_who, name, text) => {
    const client = await connect(fixtureServers(product), mode);
    const { content } = await client.callTool({ name, arguments: {} });
    expect(content).toEqual([{ type: 'text', text }]);
    await client.close();
  });
});
