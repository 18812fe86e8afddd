import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { mcpRequest } from '../server/mcp-request.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { startOtlpCollector, type OtlpCollector } from '../support/otlp-collector.ts';
import type { SentSpan } from '../support/otlp-messages.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

const SERVER = 2;
const CLIENT = 3;
const STEPS = ['validate', 'open', 'load', 'split', 'train', 'evaluate', 'log', 'close'];
const source = { kind: 'file', path: 'train.csv', target: 'label' };

let collector: OtlpCollector;
let mlflow: FaultProxy;
let service: TestService;
beforeAll(async () => {
  collector = await startOtlpCollector();
  mlflow = await startFaultProxy({ target: inject('mlflow') });
  service = await startTestService({
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' },
    MLFLOW_TRACKING_URI: mlflow.url,
  });
});
afterAll(async () => {
  await service.stop();
  await mlflow.close();
});

/** Another trace for each caller, whose span has the id 00f067aa0ba902b7. */
const CALLER = '00f067aa0ba902b7';
let traces = 0;
function newTrace(sampled = true) {
  const traceId = (++traces).toString(16).padStart(32, 'a');
  return { traceId, traceparent: `00-${traceId}-${CALLER}-${sampled ? '01' : '00'}` };
}

/** The spans of a trace, once the run in it has ended. */
async function spansOf(traceId: string, runs = 1): Promise<SentSpan[]> {
  const own = (spans: readonly SentSpan[]) => spans.filter((span) => span.traceId === traceId);
  const ended = (spans: readonly SentSpan[]) =>
    named(own(spans), /^RunWorkflow/).length >= runs && named(own(spans), /^tools/).length >= runs;
  return own(await collector.until(ended));
}
const named = (spans: readonly SentSpan[], name: RegExp) =>
  spans.filter((span) => name.test(span.name));

async function invoke(tool: string, params: object, traceparent: string) {
  const headers = { 'content-type': 'application/json', traceparent };
  const init = { method: 'POST', headers, body: JSON.stringify({ tool, params }) };
  const answer = (await (await fetch(`${service.url}/invoke`, init)).json()) as {
    result: Record<string, string> | null;
    failure?: { code: string; workflow_id?: string };
  };
  return answer;
}

describe('a call with a trace in its _meta', () => {
  let spans: SentSpan[];
  let run: Record<string, string>;
  const { traceId, traceparent } = newTrace();
  beforeAll(async () => {
    // The client does not ask for a second run: the step is tried again.
    let refusals = 1;
    await mlflow.setMode(({ url }) =>
      url?.includes('runs/create') && refusals-- > 0 ? '500' : 'ok',
    );
    const { result } = await mcpRequest(
      (init) => fetch(`${service.url}/mcp`, init),
      'tools/call',
      {
        name: 'mlflow_run_experiment',
        arguments: { experiment_name: 'traces', source },
        _meta: { traceparent, tracestate: 'vendor=state', baggage: 'user=canary-in-baggage' },
      },
      {},
    );
    run = result?.['structuredContent'] as typeof run;
    await mlflow.setMode('ok');
    spans = await spansOf(traceId);
  });
  const only = (name: RegExp): SentSpan => {
    const found = named(spans, name);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it('has the call, the start of the run, and the run below each other', () => {
    const call = only(/^tools\/call mlflow_run_experiment$/);
    expect(call).toMatchObject({ parentId: CALLER, kind: SERVER, status: {} });
    expect(call.attributes).toMatchObject({
      'service.name': 'durable-experiments',
      'durable_experiments.component': 'server',
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'mlflow_run_experiment',
      'mlflow.run_id': run['run_id'],
    });
    const start = only(/^StartWorkflow:/);
    expect(start).toMatchObject({ parentId: call.spanId, kind: CLIENT });
    const whole = only(/^RunWorkflow:runExperiment$/);
    expect(whole).toMatchObject({ parentId: start.spanId, status: {} });
    expect(whole.attributes).toMatchObject({
      'durable_experiments.component': 'worker',
      'temporal.workflow_id': run['workflow_id'],
      'mlflow.run_id': run['run_id'],
      'experiment.tenant': 'default',
      outcome: 'completed',
    });
  });

  it('has every attempt of every step below the run, within its time', () => {
    const whole = only(/^RunWorkflow/);
    const attempts = named(spans, /^RunActivity/).sort((a, b) => a.startedAt - b.startedAt);
    const told = attempts.map(({ attributes: of }) => [
      of['experiment.step'],
      of['temporal.attempt'],
      of['outcome'],
    ]);
    expect(told).toEqual(
      STEPS.flatMap((step) =>
        step === 'open'
          ? [
              [step, 1, 'failed'],
              [step, 2, 'completed'],
            ]
          : [[step, 1, 'completed']],
      ),
    );
    expect(attempts[1]?.status).toEqual({ code: 2, message: 'MLFLOW_UNAVAILABLE' });
    for (const attempt of attempts) {
      expect(attempt.parentId).toBe(whole.spanId);
      expect(attempt.startedAt).toBeGreaterThanOrEqual(whole.startedAt);
      expect(attempt.endedAt).toBeGreaterThan(attempt.startedAt);
    }
    // Whoever has the run's id finds its steps, from the one that opened it on.
    const ids = attempts.slice(3).map(({ attributes }) => attributes['mlflow.run_id']);
    expect(new Set(ids)).toEqual(new Set([run['run_id']]));
  });

  it('has MLflow’s requests below their attempts, with what became of them', () => {
    const requests = spans.filter(({ kind, name }) => kind === CLIENT && !/Workflow/.test(name));
    const above = new Map(named(spans, /^RunActivity/).map((span) => [span.spanId, span]));
    for (const request of requests) {
      const attempt = above.get(request.parentId);
      expect(attempt).toBeDefined();
      expect(request.startedAt).toBeGreaterThanOrEqual(attempt!.startedAt - 1);
      expect(request.endedAt).toBeLessThanOrEqual(attempt!.endedAt + 1);
    }
    const creates = requests.filter(({ name }) => name === 'POST runs/create');
    const statuses = creates.map(({ attributes }) => attributes['http.response.status_code']);
    expect(statuses).toEqual([500, 200]);
    expect(creates[0]?.status).toEqual({ code: 2, message: 'MLFLOW_UNAVAILABLE' });
  });

  it('holds nothing that anybody wrote', () => {
    expect(collector.bytes().includes('canary-in-baggage')).toBe(false);
    expect(spans.flatMap(({ events }) => events)).toEqual([]);
  });
});

describe('a call with a trace in its headers', () => {
  it('tells the code of a run that fails before it is opened', async () => {
    const { traceId, traceparent } = newTrace();
    const params = { experiment_name: 'traces', source: { ...source, path: 'nowhere.csv' } };
    const { failure } = await invoke('mlflow.run_experiment', params, traceparent);
    const failed = { code: 2, message: failure?.code };
    const spans = await spansOf(traceId);
    expect(spans.map(({ name, status }) => [name, status]).sort()).toEqual([
      ['RunActivity:validateSource', failed],
      ['RunWorkflow:runExperiment', failed],
      ['StartWorkflow:runExperiment', {}],
      ['tools/call mlflow_run_experiment', failed],
    ]);
  });

  it('has a retry in the run’s own trace, with a link to who asked for it', async () => {
    const first = newTrace();
    const request = { experiment_name: 'traces', source };
    const { result } = await invoke('mlflow_run_experiment', request, first.traceparent);
    const second = newTrace();
    const retry = { run_id: result?.['run_id'], step: 'log', reason: 'again', wait_seconds: 30 };
    await invoke('mlflow_retry_run', retry, second.traceparent);
    const ended = (spans: readonly SentSpan[]) =>
      named(spans, /^RunWorkflow/).filter((span) => span.traceId === first.traceId).length === 2;
    const spans = await collector.until(ended);
    const again = spans.filter(({ links }) => links.length > 0);
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({ traceId: first.traceId, name: 'RunWorkflow:runExperiment' });
    const signal = named(spans, /^SignalWorkflow/).find(
      ({ traceId }) => traceId === second.traceId,
    );
    expect(again[0]?.links).toEqual([{ traceId: second.traceId, spanId: signal?.spanId }]);
    const steps = spans.filter(({ parentId }) => parentId === again[0]?.spanId);
    expect(steps.map(({ name }) => name)).toContain('RunActivity:logRun');
  });

  it('is not recorded when its caller does not want it to be', async () => {
    const { traceId, traceparent } = newTrace(false);
    await invoke('mlflow_run_experiment', { experiment_name: 'traces', source }, traceparent);
    const marker = newTrace();
    // Over MCP, too, for clients that say it beside the message.
    const post = ({ headers, ...init }: RequestInit) =>
      fetch(`${service.url}/mcp`, {
        ...init,
        headers: { ...(headers as object), traceparent: marker.traceparent },
      });
    await mcpRequest(post, 'tools/call', { name: 'mlflow_list_runs', arguments: {} }, {});
    const called = ({ name, traceId: of }: SentSpan) =>
      name === 'tools/call mlflow_list_runs' && of === marker.traceId;
    const spans = await collector.until((all) => all.some(called));
    expect(spans.find(called)?.parentId).toBe(CALLER);
    expect(spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });
});

it('a collector that is away costs a run nothing', async () => {
  await collector.close();
  const request = { experiment_name: 'traces', source };
  const { result } = await invoke('mlflow_run_experiment', request, newTrace().traceparent);
  expect(result).toMatchObject({ status: 'FINISHED' });
});
