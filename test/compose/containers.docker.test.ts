import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { COMPOSE_FILE, composeVariables } from './compose-file.ts';
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
  await vi.waitFor(async () => expect(await notWell()).toEqual([]), {
    ...{ timeout: 180_000, interval: 1000 },
  });
});
afterAll(() => compose('down', '--volumes', '--timeout', '1'));

/** Containers that should be up and well, and are not; and jobs that failed. */
async function notWell(): Promise<string[]> {
  const all = await states();
  const bad = all.filter(({ State, Health, ExitCode }) =>
    State === 'running' ? Health !== '' && Health !== 'healthy' : ExitCode !== 0,
  );
  return bad.map(({ Name, State, Health }) => `${Name} ${State} ${Health}`);
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
    const sent = fetch(`${url}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ tool, params }),
    });
    const response = await sent.catch(() => undefined);
    if (response) return (await response.json()) as Answer;
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

async function ended(run_id: string): Promise<string | null | undefined> {
  for (;;) {
    const answer = await invoke('mlflow_get_run', { run_id, wait_seconds: 20 });
    const { status, workflow } = answer?.result ?? {};
    if (workflow && workflow.status !== 'RUNNING') return status;
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
        await pause(300 * i);
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
