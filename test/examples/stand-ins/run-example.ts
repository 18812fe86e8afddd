import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Runs one of the examples as a person does, with nothing in its environment but what is given. */
export async function runExample(
  name: 'openai-orchestrator' | 'anthropic-orchestrator',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const entry = fileURLToPath(new URL(`../../../examples/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], {
    env: { HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
