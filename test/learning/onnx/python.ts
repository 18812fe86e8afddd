import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { pythonExecutable } from '../reference/python.ts';

/**
 * Runs one of the Python scripts beside the tests: JSON in on stdin, JSON out on stdout.
 * Numbers survive both ways, as both sides print the shortest text that reads back the same.
 */
export async function callPython<T>(script: URL, request: unknown): Promise<T> {
  const python = spawn(pythonExecutable(), [fileURLToPath(script)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUTF8: '1', LC_ALL: 'C' },
  });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  python.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  python.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    python.on('error', reject);
    python.on('close', resolve);
  });
  python.stdin.end(JSON.stringify(request));
  const code = await ended;
  if (code !== 0) {
    throw new Error(`Python ended with ${code}:\n${Buffer.concat(complaints).toString()}`);
  }
  return JSON.parse(Buffer.concat(output).toString()) as T;
}
