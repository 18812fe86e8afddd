// node garbage-process.ts <port> <a second> <seconds> <from address>: sends garbage, then prints what came of it.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import type { Flooded } from './flood.ts';

const [port = 0, aSecond = 0, seconds = 0] = process.argv.slice(2, 5).map(Number);
const localAddress = process.argv[5] ?? '127.0.0.1';
const TICK_MILLISECONDS = 10;
/** Whoever cut off 2000 requests a second at once would run out of ports. */
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const statuses: Record<string, number> = {};
let sent = 0;

const count = (outcome: string): void => void (statuses[outcome] = (statuses[outcome] ?? 0) + 1);

function http(method: string, path: string, headers: Record<string, string>, body = ''): void {
  const asked = request(
    { host: '127.0.0.1', port, localAddress, agent, method, path, headers },
    (answer) => {
      count(String(answer.statusCode));
      answer.resume();
    },
  );
  asked.on('error', () => count('cut'));
  asked.end(body);
}

function raw(bytes: string): void {
  const socket = connect({ host: '127.0.0.1', port, localAddress }, () => socket.write(bytes));
  socket.on('data', (answer) =>
    count(/ (\d{3}) /.exec(answer.toString('latin1'))?.[1] ?? 'strange'),
  );
  socket.on('error', () => count('cut'));
}

const json = { 'content-type': 'application/json' };
const token = (text: string) => ({ ...json, authorization: `Bearer ${text}` });
const invoke = JSON.stringify({ tool: 'mlflow.get_run', params: { run_id: 'x'.repeat(200) } });

/** Each in its turn. */
const KINDS: readonly (() => void)[] = [
  () => http('POST', '/invoke', json, '{"tool": "mlflow.run_experiment", "params": {'),
  () => http('POST', '/invoke', json, '['.repeat(8000)),
  () => http('POST', '/mcp', json, '{"jsonrpc": "2.0", "method": 7}'),
  () => http('GET', `/nowhere/${sent}?${'x'.repeat(500)}`, {}),
  () => http('DELETE', '/invoke', {}),
  () => http('PUT', '/mcp', json, 'x'.repeat(2000)),
  () => http('POST', '/invoke', token(`${sent}.${'x'.repeat(300)}.y`), invoke),
  () => http('POST', '/mcp', token('x'.repeat(9000)), invoke),
  () => http('GET', '/tools', { host: 'elsewhere.example' }),
  () => raw(`GET /tools HTTP/1.1\r\nHost: 127.0.0.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`),
  () => raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  // Half-open: the rest never comes.
  () => raw('POST /invoke HTTP/1.1\r\nHost: 127.0.0.1\r\ncontent-length: 100000\r\n\r\n{'),
];

const startedAt = performance.now();
const elapsed = (): number => (performance.now() - startedAt) / 1000;
while (elapsed() < seconds) {
  // What a slow tick has left out is sent in the next.
  for (const due = elapsed() * aSecond; sent < due; sent++) KINDS[sent % KINDS.length]?.();
  await pause(TICK_MILLISECONDS);
}
const flooded: Flooded = { sent, perSecond: Math.round(sent / elapsed()), statuses };
console.log(JSON.stringify(flooded));
process.exit();
