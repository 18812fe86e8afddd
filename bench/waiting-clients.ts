import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { LONG_TEXTS, longRequest, longTexts } from '../test/evals/requests.ts';
import type { Bench } from './bench.ts';
import { startInstallation } from './installation.ts';
import { watchMemory } from './memory.ts';
import { judged, type Row } from './results.ts';
import { spread } from './side-by-side.ts';

const CLIENTS = 200;
const MOST_BYTES = 400e6;
const MOST_MILLISECONDS = 100;
const LOOK_EVERY_MILLISECONDS = 100;

/** What the server alone takes, and how fast it says that it is healthy, while clients wait for one run. */
export async function measureWaitingClients(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  await writeFile(join(bench.scratch, LONG_TEXTS), longTexts());
  const { url, pid } = await startInstallation(bench, stack, { name: 'waiting' });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(url)));
  stack.defer(async () => void (await Promise.all(clients.map((client) => client.close()))));
  const peak = watchMemory(pid);
  const request = { ...longRequest({ experiment: 'bench-waiting' }), idempotency_key: 'waiting' };
  const gone = new AbortController();
  await Promise.all(
    clients.map(
      (client) =>
        new Promise<void>((waits, reject) => {
          const call = {
            name: 'mlflow_run_experiment',
            arguments: { ...request, wait_seconds: 45 },
          };
          const options = { signal: gone.signal, onprogress: () => waits() };
          client.callTool(call, options).catch(reject);
        }),
    ),
  );
  bench.say(`${CLIENTS} clients wait`);
  const milliseconds: number[] = [];
  for (let i = 0; i < bench.rounds(100); i++) {
    const startedAt = performance.now();
    const { ok } = await fetch(`${url}/health`);
    if (!ok) throw new Error('The server is not healthy.');
    milliseconds.push(performance.now() - startedAt);
    await pause(LOOK_EVERY_MILLISECONDS);
  }
  const { bytes } = peak();
  gone.abort();
  const { median, least, most } = spread(milliseconds);
  const [middle, from, to] = [median, least, most].map((value) => value.toFixed(0));
  const rounds = milliseconds.length;
  return [
    {
      ...{ what: `${CLIENTS} clients waiting: the server’s memory`, rounds: 1 },
      ...{ ours: `${(bytes / 1e6).toFixed(0)} MB`, other: `${MOST_BYTES / 1e6} MB (the bar)` },
      ...judged(bytes / MOST_BYTES, 1),
    },
    {
      ...{ what: `${CLIENTS} clients waiting: GET /health`, rounds },
      ...{ ours: `${middle} ms (${from} to ${to})`, other: `${MOST_MILLISECONDS} ms (the bar)` },
      ...judged(median / MOST_MILLISECONDS, 1),
    },
  ];
}

async function connect(url: string): Promise<Client> {
  const mode = { pin: '2026-07-28' } as const;
  const client = new Client({ name: 'waiting', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url)));
  return client;
}
