import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

import { watchOver } from '../../local/watchdog.ts';
import type { ComposeService } from './compose-file.ts';
import type { Translate } from './places.ts';

/** What a process has in place of its container. */
export interface Container {
  readonly service: ComposeService;
  /** The image’s working folder. */
  readonly cwd: string;
  /** All that the process sees. */
  readonly environment: Readonly<Record<string, string>>;
  readonly translate: Translate;
}

export interface ContainerProcess {
  readonly translate: Translate;
  said(): string;
  /** Runs the service’s health check, once. */
  isHealthy(): Promise<boolean>;
  /** As Docker does it. @returns the exit code; null when it had to be killed after the service’s grace */
  stop(): Promise<number | null>;
}

const POLL_MILLISECONDS = 750;
/** Who is not well by then never will be. */
const PATIENCE_MILLISECONDS = 180_000;

/** Runs a command to its end as the service’s container would. */
export async function runToEnd(container: Container, words: readonly string[]) {
  const { child, lines } = launch(container, words);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: lines.join('\n') };
}

/** The command of a service that ends by itself. @throws Error unless it ends well */
export async function runJob(container: Container): Promise<string> {
  const { code, said } = await runToEnd(container, wordsOf(container));
  if (code !== 0) throw new Error(`${wordsOf(container).join(' ')} ended with ${code}: ${said}`);
  return said;
}

/** Starts a service and waits until its health check passes. @throws Error when it ends before that */
export async function startContainer(container: Container): Promise<ContainerProcess> {
  const { child, lines } = launch(container, wordsOf(container));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${wordsOf(container)[0]} can’t be started`);
  const callOffWatchdog = watchOver(-pid);
  const ended = once(child, 'close').finally(callOffWatchdog);
  const check = container.service.healthcheck?.test?.slice(1) ?? [];
  const isHealthy = async () => (await runToEnd(container, check)).code === 0;
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (!(await isHealthy())) {
    const living = child.exitCode === null && child.signalCode === null;
    if (!living || performance.now() > deadline) {
      if (living) process.kill(-pid, 'SIGKILL');
      throw new Error(`${wordsOf(container).join(' ')} is not well: ${lines.join('\n')}`);
    }
    await wait(POLL_MILLISECONDS);
  }
  return {
    translate: container.translate,
    said: () => lines.join('\n'),
    isHealthy,
    async stop() {
      child.kill('SIGTERM');
      const grace = Number.parseInt(container.service.stop_grace_period ?? '10');
      const killer = setTimeout(() => process.kill(-pid, 'SIGKILL'), 1000 * grace);
      const [code] = (await ended) as [number | null];
      clearTimeout(killer);
      return code;
    },
  };
}

function wordsOf({ service: { entrypoint = [], command = [] } }: Container): readonly string[] {
  return [...entrypoint, ...command];
}

function launch({ cwd, environment, translate }: Container, words: readonly string[]) {
  const [program = '', ...args] = words.map(translate);
  const child = spawn(program, args, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line));
  }
  child.on('error', (error) => lines.push(error.message));
  return { child, lines };
}
