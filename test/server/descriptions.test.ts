import { createHash } from 'node:crypto';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';

import { plainText } from '../../platform/plain-text.ts';
import { createDoors } from './fake-experiments.ts';

/**
 * Of everything that a model reads of us before any call. A client that has looked at it once must not
 * find another text there later: change this together with the texts, in a commit that says why.
 */
const PINNED = 'fddd62ab782f6e3730e16099dec5d41426357911fcb85c2fb445375229550c8f';

async function descriptions() {
  const { app } = createDoors();
  const client = new Client(
    { name: 'reader', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const url = new URL('http://localhost:8000/mcp');
  const fetch = async (address: string | URL, init?: RequestInit) => {
    const headers = new Headers(init?.headers);
    headers.set('host', 'localhost:8000');
    return app.request(String(address), { ...init, headers });
  };
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  const { tools } = await client.listTools();
  const { prompts } = await client.listPrompts();
  const { resourceTemplates } = await client.listResourceTemplates();
  const instructions = client.getInstructions();
  await client.close();
  return { instructions, tools, prompts, resourceTemplates };
}

it('are the same in every installation, whatever the data, and hide nothing', async () => {
  const text = JSON.stringify(await descriptions());
  expect(text.length).toBeGreaterThan(5000);
  expect(plainText(text)).toBe(text);
  expect(createHash('sha256').update(text).digest('hex')).toBe(PINNED);
});
