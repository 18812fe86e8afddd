import { describe, expect, it } from 'vitest';

import { createMetrics } from '../../../platform/metrics/create-metrics.ts';
import { SCOPES, type Scope } from '../../../schemas/caller.ts';
import { Failure, type FailureCode } from '../../../schemas/failure.ts';
import { createApp } from '../../../server/app.ts';
import type { Experiments } from '../../../server/experiments/experiments.ts';
import { countedRefusals } from '../../../server/metrics/counted-refusals.ts';
import { measuredCalls } from '../../../server/metrics/measured-calls.ts';
import { TOOLS } from '../../../server/tools/index.ts';
import { callerWith, createAskingDoors, SCOPE_SETS } from '../access/known-callers.ts';
import { createDoors } from '../fake-experiments.ts';

const HOST = { host: 'localhost:8000' };
const create = () =>
  createMetrics(
    { role: 'server', version: '1' },
    TOOLS.map(({ name }) => name),
  );
const shown = async (metrics: ReturnType<typeof create>) =>
  (await metrics.page()).text.split('\n').filter((line) => / [1-9]/.test(line));

describe('GET /metrics', () => {
  const askedBy = (scopes: readonly Scope[], tenant: string) => {
    const authentication = { callerOf: async () => ({ ...callerWith(scopes), tenant }) };
    const { app } = createAskingDoors(() => ({ metrics: create() }), authentication);
    return app.request('/metrics', { headers: { ...HOST, authorization: 'Bearer key' } });
  };

  it.each(SCOPE_SETS.map((scopes) => [scopes]))('of callers with %j', async (scopes) => {
    const answer = await askedBy(scopes, 'default');
    expect(answer.status).toBe(scopes.includes('metrics:read') ? 200 : 403);
    if (answer.status === 200) {
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(await answer.text()).toContain('durable_experiments_build_info{role="server"');
    } else {
      expect(await answer.json()).toMatchObject({ failure: { code: 'SCOPE_MISSING' } });
      expect(answer.headers.get('www-authenticate')).toContain('scope="metrics:read"');
    }
  });

  it('is not for the callers of a tenant, whatever their scopes', async () => {
    expect((await askedBy(SCOPES, 'acme')).status).toBe(403);
  });

  it('tells strangers nothing, and counts them', async () => {
    const metrics = create();
    const { app } = createAskingDoors(() => ({ metrics }));
    expect((await app.request('/metrics', { headers: HOST })).status).toBe(401);
    expect(await shown(metrics)).toContain(
      'durable_experiments_refusals_total{reason="unauthenticated"} 1',
    );
  });

  it('is open on a server that is', async () => {
    const app = createApp({ ...createDoors().options, metrics: create() });
    expect((await app.request('/metrics', { headers: HOST })).status).toBe(200);
  });
});

it('a tool’s two names are counted as one, with the code of its failure', async () => {
  const metrics = create();
  const failing = async () => ({ ok: false, failure: { code: 'RUN_NOT_FOUND' } }) as never;
  const counted = measuredCalls(failing, TOOLS, metrics);
  for (const name of ['mlflow_get_run', 'mlflow.get_run', 'rm -rf']) {
    await counted(name, {}, {} as never);
  }
  expect(await shown(metrics)).toEqual(
    expect.arrayContaining([
      'durable_experiments_tool_calls_total{tool="mlflow_get_run",code="RUN_NOT_FOUND"} 2',
      'durable_experiments_tool_calls_total{tool="other",code="RUN_NOT_FOUND"} 1',
    ]),
  );
});

it.each([
  ['RATE_LIMITED', 'operation_rate', 1],
  ['QUOTA_EXCEEDED', 'quota', 1],
  ['RUN_NOT_FOUND', 'other', 0],
] as const)(
  '%s is counted as a refusal because of %s: %i',
  async (code: FailureCode, reason, count) => {
    const metrics = create();
    const failure = new Failure(code, 'No.', 'Wait.');
    const experiments = { list: () => Promise.reject(failure) } as unknown as Experiments;
    await expect(countedRefusals(experiments, metrics.calls).list({} as never)).rejects.toBe(
      failure,
    );
    expect((await metrics.page()).text).toContain(
      `durable_experiments_refusals_total{reason="${reason}"} ${count}\n`,
    );
  },
);
