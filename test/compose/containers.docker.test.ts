import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { COMPOSE_FILE, composeVariables, readComposeFile } from './compose-file.ts';
import { DEMO_SOURCES } from './demo-sources.ts';
import { dockerCompose } from './docker-compose.ts';

const COUNT = 60;
const OURS = ['server', 'worker'];
/** Further arguments of `up`; --scale grafana=0 where its image can't be had. */
const MORE = process.env['COMPOSE_UP']?.split(' ') ?? [];

const passwords = composeVariables().filter((name) => /PASSWORD|SECRET/.test(name));
const PROJECT = 'durable-experiments-proof';
const { docker, compose, states } = dockerCompose(PROJECT, {
  ...Object.fromEntries(passwords.map((name) => [name, `of${randomUUID().replaceAll('-', '')}`])),
  SERVER_PORTS: '8000-8001',
});
const URLS = ['http://127.0.0.1:8000', 'http://127.0.0.1:8001'];
let key: string;

beforeAll(async () => {
  const scale = ['--scale', 'server=2', '--scale', 'worker=3'];
  await compose('up', '--build', '--detach', ...scale, ...MORE);
  key = /dex_\S+/.exec(await compose('logs', '--no-log-prefix', 'api-key'))?.[0] ?? '';
  expect(key).not.toBe('');
  await untilWell();
});
afterAll(() => compose('down', '--volumes', '--timeout', '1'));

/** Until all are up and well, but for jobs, which have to have ended well. */
async function untilWell(): Promise<void> {
  const { services } = readComposeFile();
  const isJob = (name: string) => services[name]?.healthcheck?.disable === true;
  const check = async () => {
    const bad = (await states()).filter(({ Service, State, Health, ExitCode }) =>
      isJob(Service)
        ? State !== 'exited' || ExitCode !== 0
        : State !== 'running' || !['', 'healthy'].includes(Health),
    );
    expect(bad.map(({ Name, State, Health }) => `${Name} ${State} ${Health}`)).toEqual([]);
  };
  await vi.waitFor(check, { timeout: 180_000, interval: 1000 });
}

interface Answer {
  readonly result: {
    readonly workflow_id: string;
    readonly status: string | null;
    readonly workflow?: { readonly status: string };
  } | null;
}

/** Of whichever server answers. */
async function invoke(tool: string, params: object, first = 0): Promise<Answer | undefined> {
  for (const url of [URLS[first % 2], URLS[(first + 1) % 2]]) {
    try {
      const response = await fetch(`${url}/invoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ tool, params }),
      });
      return (await response.json()) as Answer;
    } catch {
      // The other one may be there.
    }
  }
  return undefined;
}

/** As a client does that may not lose its experiment: asks again with the same key. @returns the workflow's id */
async function start(i: number): Promise<string> {
  const sources = Object.values(DEMO_SOURCES);
  const wish = {
    ...{ experiment_name: 'containers', source: sources[i % sources.length] },
    ...{ wait_seconds: 0, idempotency_key: randomUUID() },
  };
  for (;;) {
    const answer = await invoke('mlflow_run_experiment', wish, i);
    if (answer?.result) return answer.result.workflow_id;
    await pause(1000);
  }
}

async function ended(run_id: string): Promise<string | undefined> {
  for (;;) {
    const answer = await invoke('mlflow_get_run', { run_id, wait_seconds: 20 });
    const { status, workflow } = answer?.result ?? {};
    // Null as long as MLflow can't be asked, too.
    if (workflow && workflow.status !== 'RUNNING' && status !== null) return status;
    await pause(500);
  }
}

describe(`${COMPOSE_FILE} in containers`, () => {
  it('runs as somebody without rights, on a root that is read-only', async () => {
    for (const service of OURS) {
      const script = 'id -u; grep -E "CapEff|NoNewPrivs" /proc/self/status; ! touch /app/x 2>&1';
      const said = await compose('exec', '--no-TTY', service, 'sh', '-c', script);
      expect(said).toMatch(/^10001\nCapEff:\s0+\nNoNewPrivs:\s1\n.*Read-only file system/);
    }
  });

  it(`ends ${COUNT} experiments, although containers are killed and servers restarted`, async () => {
    const load = Promise.all(
      Array.from({ length: COUNT }, async (_, i) => {
        // As long as the restarts take.
        await pause(1000 * i);
        const id = await start(i);
        return [id, await ended(id)];
      }),
    );
    await pause(6000);
    const killed = OURS.map((service) => `${PROJECT}-${service}-2`);
    await docker('kill', ...killed);
    for (const service of ['s3', 'postgres', 'mlflow', 'temporal']) {
      await compose('restart', '--timeout', '1', service);
      await pause(5000);
    }
    await docker('start', ...killed);
    await untilWell();
    const runs = await load;
    expect(new Set(runs.map(([id]) => id)).size).toBe(COUNT);
    expect(runs.filter(([, status]) => status !== 'FINISHED')).toEqual([]);
  });

  it('finds nothing wrong with itself, and an audit log that verifies', async () => {
    const ask = (script: string) => compose('exec', '--no-TTY', 'server', 'sh', '-c', script);
    expect(await ask('durable-experiments doctor')).toContain('0 problems');
    const key = '/tmp/audit-key.pem';
    const verify = `durable-experiments audit keys > ${key} && durable-experiments audit verify --key ${key}`;
    await expect(ask(verify)).resolves.toContain('as they were recorded');
  });

  it('stops within its grace', async () => {
    await compose('stop', ...OURS);
    const codes = (await states()).filter(({ Service }) => OURS.includes(Service));
    expect(codes.map(({ ExitCode }) => ExitCode)).toEqual([0, 0, 0, 0, 0]);
  });
});
