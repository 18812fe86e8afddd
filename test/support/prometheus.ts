import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parse, stringify } from 'yaml';

import { freePort } from '../../local/ports.ts';
import { watchOver } from '../../local/watchdog.ts';
import type { PrometheusPrograms } from './prometheus-programs.ts';

const OWN = fileURLToPath(new URL('../../ops/prometheus/', import.meta.url));

/** One series, as it is now. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  query(expr: string): Promise<Series[]>;
  /** An answer of its API, below /api/v1. */
  api<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/**
 * A Prometheus with the project’s own configuration: only whom it asks and how often is another.
 * @param targets by job: host and port
 */
export async function startPrometheus(
  { prometheus }: PrometheusPrograms,
  targets: Readonly<Record<string, readonly string[]>>,
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  await cp(OWN, folder, { recursive: true });
  const path = join(folder, 'prometheus.yml');
  await writeFile(path, stringify(withTargets(await readFile(path, 'utf8'), targets)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    prometheus,
    [
      `--config.file=${path}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const exited = once(child, 'exit');
  const callOff = watchOver(child.pid as number);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Server is ready')) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
  const api = async <T>(below: string): Promise<T> => {
    const { data, error } = (await (await fetch(`${url}/api/v1${below}`)).json()) as {
      data: T;
      error?: string;
    };
    if (error !== undefined) throw new Error(`${below}: ${error}`);
    return data;
  };
  return {
    api,
    async query(expr) {
      type Result = { metric: Record<string, string>; value: [number, string] }[];
      const query = new URLSearchParams({ query: expr });
      const { result } = await api<{ result: Result }>(`/query?${query.toString()}`);
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      callOff();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function withTargets(text: string, targets: Readonly<Record<string, readonly string[]>>): unknown {
  const config = parse(text) as {
    global: object;
    scrape_configs: { job_name: string; dns_sd_configs?: unknown }[];
  };
  return {
    ...config,
    global: {
      ...config.global,
      scrape_interval: '1s',
      evaluation_interval: '1s',
      scrape_timeout: '1s',
    },
    scrape_configs: config.scrape_configs.map(({ dns_sd_configs: _names, ...job }) => ({
      ...job,
      static_configs: [{ targets: targets[job.job_name] ?? [] }],
    })),
  };
}
