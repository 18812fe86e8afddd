import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Runs one of our commands as npm would, with nothing in its environment but what is given. */
export async function runCli(
  name: 'keys' | 'payload-keys' | 'server' | 'start' | 'stdio',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
) {
  const entry = fileURLToPath(new URL(`../../../cli/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [entry, ...args], { env });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
