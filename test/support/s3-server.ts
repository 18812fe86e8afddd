import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { freePort } from '../../local/ports.ts';

export interface S3Server {
  /** The SDK’s variables for it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Entries on a page of a list: S3 has 1000. */
const PAGE = 10;

/**
 * moto, which plays S3, in a process of its own; or the server that TEST_S3_ENDPOINT names, with the SDK's variables
 * for its keys. @param python that of the tests' environment
 */
export async function startS3Server(python: string): Promise<S3Server> {
  const {
    TEST_S3_ENDPOINT,
    AWS_ACCESS_KEY_ID = 'test',
    AWS_SECRET_ACCESS_KEY = 'test',
  } = process.env;
  const keys = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY };
  if (TEST_S3_ENDPOINT !== undefined) {
    const environment = { ...keys, AWS_ENDPOINT_URL: TEST_S3_ENDPOINT };
    return { environment, stop: () => Promise.resolve() };
  }
  const port = await freePort();
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const env = { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(PAGE) };
  const child = spawn(python, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('Running on')) resolve();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`moto ended: ${said.join('\n')}`)));
  });
  return {
    environment: { ...keys, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    async stop() {
      child.kill();
      await closed;
    },
  };
}
