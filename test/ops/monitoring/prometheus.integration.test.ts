import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { freePort } from '../../../local/ports.ts';
import { dashboard } from '../../../ops/grafana/dashboard.ts';
import { endlessTraining } from '../../support/endless-training.ts';
import { startProductProcess, type ProductProcess } from '../../support/product-process.ts';
import { startPrometheus, type Prometheus } from '../../support/prometheus.ts';
import { findPrometheus } from '../../support/prometheus-programs.ts';
import { startTestService, type TestService } from '../../support/test-service.ts';

const run = promisify(execFile);
const OPS = new URL('../../../ops/', import.meta.url);

const programs = await findPrometheus();
if (!programs) {
  const reason = 'Prometheus, which is neither on PATH nor in this system’s packages';
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.log(`Not run: the tests of ${reason}`);
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

async function rulesOf(name: string): Promise<Rule[]> {
  const text = await readFile(new URL(`prometheus/rules/${name}.yml`, OPS), 'utf8');
  const { groups } = parse(text) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

const values = await rulesOf('values');
const alerts = await rulesOf('alerts');

describe('the alerts', () => {
  it('each compare recorded values, and say how grave, what and what to do', async () => {
    const runbook = await readFile(new URL('../docs/runbook.md', OPS), 'utf8');
    const recorded = new Set(values.map(({ record }) => record));
    for (const { alert = '', expr, labels, annotations = {} } of alerts) {
      for (const { value } of comparisons(expr)) expect(recorded, alert).toContain(value);
      expect(['page', 'warning'], alert).toContain(labels?.severity);
      expect(annotations, alert).toMatchObject({
        summary: expect.stringMatching(/\w/) as string,
        action: expect.stringMatching(/\w/) as string,
        runbook: `docs/runbook.md#${alert.toLowerCase()}`,
      });
      expect(runbook, alert).toContain(`\n## ${alert}\n`);
    }
  });
});

/** Alerts are nothing but recorded values beside thresholds: so their data can be asked for. */
function comparisons(expr: string): { readonly value: string }[] {
  return expr.split(' and on () ').map((part) => {
    const [, value] = /^(durable_experiments:\w+:\w+) (?:<|>|==) [\d.]+$/.exec(part) ?? [];
    if (value === undefined) throw new Error(`no comparison: ${part}`);
    return { value };
  });
}

describe.skipIf(!programs)('what Prometheus reads of a server and two workers', () => {
  let service: TestService;
  let prometheus: Prometheus;
  let ports: { http: number; server: number; workers: [number, number] };
  let server: ProductProcess;
  let workers: ProductProcess[];

  const startServer = () =>
    startProductProcess('server', {
      ...service.settings,
      PORT: String(ports.http),
      METRICS_PORT: String(ports.server),
    });
  const startWorker = (port: number) =>
    startProductProcess('worker', { ...service.settings, METRICS_PORT: String(port) });

  async function invoke(tool: string, params: unknown) {
    const response = await fetch(`http://127.0.0.1:${ports.http}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool, params }),
    });
    return (await response.json()) as {
      readonly result: { readonly workflow_id: string } | null;
      readonly failure?: { readonly code: string };
    };
  }
  const experiment = (more: object) =>
    invoke('mlflow_run_experiment', { experiment_name: 'observed', ...more });
  const source = { kind: 'file', path: 'train.csv', target: 'label' };
  const valueOf = async (expr: string) => (await prometheus.query(expr))[0]?.value;
  const becomes = (expr: string, value: number) =>
    expect.poll(() => valueOf(expr), { timeout: 20_000, interval: 200 }).toBe(value);

  beforeAll(async () => {
    service = await startTestService({ RATE_PER_CALLER: '10' }, { worker: false });
    const [http, own, one, two] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    ports = { http, server: own, workers: [one, two] };
    const address = (port: number): string => `127.0.0.1:${port}`;
    [server, prometheus, ...workers] = await Promise.all([
      startServer(),
      startPrometheus(programs!, { server: [address(own)], worker: [address(one), address(two)] }),
      startWorker(one),
      startWorker(two),
    ]);
  });
  afterAll(async () => {
    await Promise.all([
      prometheus?.stop(),
      server?.stop(),
      ...(workers ?? []).map((w) => w.stop()),
    ]);
    await service?.stop();
  });

  it('is a configuration that promtool accepts', async () => {
    const config = fileURLToPath(new URL('prometheus/prometheus.yml', OPS));
    const { stdout } = await run(programs!.promtool, ['check', 'config', config]);
    expect(stdout).toContain('2 rule files found');
  });

  it('counts experiments by how they end, and shows those that go on, whatever is restarted', async () => {
    // Every series has been seen once before it grows.
    await becomes('count(durable_experiments_build_info)', 3);
    expect(await experiment({ source })).toMatchObject({ result: { status: 'FINISHED' } });
    expect(await experiment({ source: { ...source, path: 'none.csv' } })).toMatchObject({
      failure: { code: 'FILE_NOT_FOUND' },
    });
    await becomes('sum(mlflow_experiments_total{status="completed"})', 1);
    const again = { source, params: { seed: 7 }, idempotency_key: 'observed' };
    for (const answer of await Promise.all([experiment(again), experiment(again)])) {
      expect(answer).toMatchObject({ result: { status: 'FINISHED' } });
    }
    expect(await experiment(again)).toMatchObject({ result: { status: 'FINISHED' } });
    const endless = await experiment({
      ...(await endlessTraining(service.data)),
      wait_seconds: 0,
    });
    // Ten points each, of a hundred.
    const retries = Array.from({ length: 12 }, () =>
      invoke('mlflow_retry_run', { run_id: 'none', reason: 'to be refused' }),
    );
    const codes = (await Promise.all(retries)).map(({ failure }) => failure?.code);
    expect(codes).toContain('RATE_LIMITED');
    await becomes('mlflow_active_experiments', 1);
    await becomes('sum(mlflow_experiments_total{status="started"})', 4);
    await becomes('sum(mlflow_experiments_total{status="completed"})', 2);
    await becomes('sum(mlflow_experiments_total{status="failed"})', 1);
    await becomes('sum(durable_experiments_refusals_total{reason="operation_rate"}) > bool 0', 1);

    const restartedAt = Date.now() / 1000;
    await Promise.all([server.kill(), workers[0]!.kill()]);
    [server, workers[0]] = await Promise.all([startServer(), startWorker(ports.workers[0])]);
    await becomes(`count(process_start_time_seconds > ${restartedAt - 1})`, 2);
    await becomes(
      'mlflow_active_experiments and on (instance) (process_start_time_seconds > ' +
        `${restartedAt - 1})`,
      1,
    );

    await service.temporal.workflow.getHandle(endless.result!.workflow_id).cancel();
    await becomes('sum(mlflow_experiments_total{status="cancelled"})', 1);
    await becomes('mlflow_active_experiments', 0);
  });

  it('answers every query of the dashboard and of the rules', async () => {
    // From the restart on, everything has been seen twice.
    const queries = [...JSON.stringify(dashboard()).matchAll(/"expr":("(?:[^"\\]|\\.)*")/g)]
      .map(([, text = '']) => JSON.parse(text) as string)
      .filter((expr) => !expr.startsWith('ALERTS'))
      .map((expr) => expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m'));
    expect(queries.length).toBeGreaterThan(40);
    const recorded = values.flatMap(({ record = '', expr }) => [record, expr]);
    const names = new Set(await prometheus.api<string[]>('/label/__name__/values'));
    for (const query of [...queries, ...recorded]) {
      const found = await prometheus.query(query);
      expect(found.filter(({ value }) => Number.isFinite(value)).length, query).toBeGreaterThan(0);
      // “or vector(0)” would hide a name that nobody has.
      for (const [name] of query.matchAll(
        /\b(?:mlflow|durable_experiments|temporal|process|nodejs)_\w+(?=\{)/g,
      )) {
        expect(names, query).toContain(name);
      }
    }
  });

  it('evaluates every rule, and alerts of nothing while all is well but of workers that are gone', async () => {
    interface State {
      readonly groups: readonly {
        readonly rules: readonly {
          readonly name: string;
          readonly health: string;
          readonly lastError?: string;
          readonly state?: string;
        }[];
      }[];
    }
    const rules = async () =>
      (await prometheus.api<State>('/rules')).groups.flatMap((g) => g.rules);
    const raised = async (...states: string[]) =>
      (await rules()).filter(({ state = '' }) => states.includes(state)).map(({ name }) => name);
    const all = await rules();
    expect(all).toHaveLength(values.length + alerts.length);
    expect(all.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(await raised('firing')).toEqual([]);
    const waiting = () => raised('pending', 'firing');
    await expect.poll(waiting, { timeout: 10_000 }).not.toContain('NoWorkerUp');
    await Promise.all(workers.map((worker) => worker.stop()));
    await expect.poll(waiting, { timeout: 10_000 }).toContain('NoWorkerUp');
  });
});
