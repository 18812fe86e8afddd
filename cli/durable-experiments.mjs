#!/usr/bin/env node
// durable-experiments <command> …: under whatever Node starts it, the rest runs under the project's own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  await import('./main.ts');
} else {
  const node = pathOf('../node_modules/.bin/node');
  const child = spawn(node, [pathOf('main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    console.error(
      `Node ${NEEDED} is needed, and ${node} is not there. Install it with “npm ci” in ${pathOf('..')}`,
    );
    process.exitCode = 1;
  });
  child.on(
    'exit',
    (code, signal) => (process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143)),
  );
}
