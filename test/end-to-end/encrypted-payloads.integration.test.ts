import { randomUUID } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createLogger } from '../../platform/logging.ts';
import { readConfig } from '../../schemas/config.ts';
import { startServer, type RunningServer } from '../../server/listen.ts';
import { pause } from '../faults/experiments.ts';
import { filesWith } from '../faults/files.ts';
import { mcpRequest } from '../server/mcp-request.ts';
import { endlessTraining } from '../support/endless-training.ts';
import { startWorkerProcess } from '../support/worker-process.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

/** The caller's words, each in a place of its own: of the request, the source, the data and a failure. */
const CANARY = `canary${randomUUID().slice(0, 8)}`;
const EXPERIMENT = `${CANARY}-experiment`;
const COLUMN = `${CANARY}-column`;
const LABEL = `${CANARY}-label`;
const TASK_QUEUE = `encrypted-${randomUUID()}`;

let service: TestService;
/** Beside the service: without encryption, with the same keys. */
let plain: RunningServer;
/** With keys of its own. */
let stranger: RunningServer;
const serverWith = (settings: Record<string, string>): Promise<RunningServer> =>
  startServer(readConfig({ ...service.settings, ...settings }), createLogger('test', 'silent'));

beforeAll(async () => {
  service = await startTestService({ ENCRYPT_PAYLOADS: 'true', TEMPORAL_TASK_QUEUE: TASK_QUEUE });
  const rows = Array.from({ length: 40 }, (_, i) => `${i}.5,${i % 2 ? LABEL : 'other'}`);
  await writeFile(join(service.data, 'good.csv'), [`${COLUMN},target`, ...rows, ''].join('\n'));
  await writeFile(join(service.data, 'hole.csv'), [`${COLUMN},target`, ',1', ...rows].join('\n'));
  plain = await serverWith({ ENCRYPT_PAYLOADS: 'false' });
  stranger = await serverWith({ PAYLOAD_KEYS_FILE: join(service.data, '..', 'strange.keys') });
});
afterAll(async () => {
  await plain.stop();
  await stranger.stop();
  await service.stop();
});

interface Answer {
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly failure?: Readonly<Record<string, string | null>>;
}

async function ask(server: { url: string }, tool: string, params: object): Promise<Answer> {
  const response = await fetch(`${server.url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tool, params }),
  });
  return (await response.json()) as Answer;
}

interface View {
  readonly status: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly workflow: { readonly status: string };
  readonly steps: readonly {
    readonly step: string;
    readonly status: string;
    readonly progress?: unknown;
    readonly failure: { readonly code: string; readonly hint: string } | null;
  }[];
}

async function viewWhen(
  run_id: string,
  wanted: (seen: View) => boolean = () => true,
  server: { url: string } = service,
): Promise<View> {
  for (;;) {
    const { result } = await ask(server, 'mlflow_get_run', { run_id });
    if (result && wanted(result as unknown as View)) return result as unknown as View;
    await pause(50);
  }
}

const experiment = (path: string, more: object = {}) => ({
  experiment_name: EXPERIMENT,
  source: { kind: 'file', path, target: 'target' },
  ...more,
});

const start = async (request: object, server: { url: string } = service): Promise<string> => {
  const { result, failure } = await ask(server, 'mlflow_run_experiment', request);
  return (failure?.['workflow_id'] ?? result?.['workflow_id']) as string;
};

describe.concurrent('with ENCRYPT_PAYLOADS', () => {
  it('a run ends, is told of in full, and its key brings it back', async () => {
    const request = experiment('good.csv', { idempotency_key: randomUUID() });
    const { result } = await ask(service, 'mlflow_run_experiment', request);
    expect(result).toMatchObject({
      status: 'FINISHED',
      metrics: { accuracy: expect.anything() as unknown },
    });
    const view = await viewWhen(String(result?.['run_id']));
    expect(view.steps.map(({ status }) => status)).toEqual(view.steps.map(() => 'COMPLETED'));

    const again = await ask(service, 'mlflow_run_experiment', request);
    expect(again.result).toMatchObject({ workflow_id: result?.['workflow_id'] });
    const other = await ask(service, 'mlflow_run_experiment', { ...request, params: { C: 2 } });
    expect(other.failure).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  it('a run that failed says why, and goes on after a retry', async () => {
    const { failure } = await ask(service, 'mlflow_run_experiment', experiment('hole.csv'));
    expect(failure).toMatchObject({ code: 'MISSING_VALUES', step: 'load' });
    const view = await viewWhen(String(failure?.['workflow_id']), undefined, plain);
    expect(view.failure).toMatchObject({ code: 'MISSING_VALUES', message: failure?.['message'] });
    expect(view.steps.find(({ step }) => step === 'load')?.failure?.code).toBe('MISSING_VALUES');

    await copyFile(join(service.data, 'good.csv'), join(service.data, 'hole.csv'));
    const request = { run_id: failure?.['run_id'], reason: `mended ${CANARY}` };
    const retried = await ask(service, 'mlflow_retry_run', request);
    expect(retried.result).toMatchObject({ status: 'FINISHED', run_id: failure?.['run_id'] });
  });

  it('a long run shows its progress, to clients with tasks, too, and can be cancelled', async () => {
    const post = (init: RequestInit): Promise<Response> => fetch(`${service.url}/mcp`, init);
    const request = { experiment_name: EXPERIMENT, ...(await endlessTraining(service.data)) };
    const call = { name: 'mlflow_run_experiment', arguments: { ...request, wait_seconds: 0 } };
    const { result: task } = await mcpRequest(post, 'tools/call', call);
    const taskId = String(task?.['taskId']);
    const iterates = ({ steps }: View): boolean =>
      JSON.stringify(steps.map(({ progress }) => progress)).includes('iteration');
    await viewWhen(taskId, iterates);
    await viewWhen(taskId, iterates, plain);
    await ask(service, 'mlflow_cancel_run', { run_id: taskId });
    const ended = await viewWhen(taskId, ({ workflow }) => workflow.status === 'CANCELLED');
    expect(ended.status).toBe('KILLED');
  });

  it('a server without the right keys says so, and shows no stack', async () => {
    const workflowId = await start(experiment('good.csv'));
    const answer = await ask(stranger, 'mlflow_cancel_run', { run_id: workflowId });
    expect(answer.failure).toMatchObject({ code: 'PAYLOAD_UNREADABLE' });
    // MLflow’s part of a run is there all the same.
    const { result } = await ask(stranger, 'mlflow_get_run', { run_id: workflowId });
    expect(result).toMatchObject({ status: 'FINISHED', workflow: null });
    expect(JSON.stringify([answer, result])).not.toMatch(/\.ts:\d|node_modules/);
  });

  it('a worker without the right keys leaves a run waiting, and needs no restart once it has them', async () => {
    const keys = join(service.data, '..', 'late.keys');
    const settings = { ...service.settings, TEMPORAL_TASK_QUEUE: `late-${randomUUID()}` };
    const server = await serverWith(settings);
    // It encrypts nothing itself: what one writes plain and the other encrypted makes one run.
    const worker = await startWorkerProcess({
      ...{ ...settings, ENCRYPT_PAYLOADS: 'false', PAYLOAD_KEYS_FILE: keys },
    });
    try {
      const source = { kind: 'file', path: 'train.csv', target: 'label' };
      const late = { experiment_name: 'late', source, wait_seconds: 0 };
      const id = await start(late, server);
      const refused = await eventOf(id, (event) => event.workflowTaskFailedEventAttributes);
      expect(refused.failure?.message).toMatch(/encrypted with a key that is missing here/);

      await copyFile(join(String(service.settings['STATE_DIR']), 'keys/payload.keys'), keys);
      // Temporal asks for the first one again after ten seconds.
      expect((await viewWhen(id)).workflow.status).toBe('RUNNING');
      expect(
        await ask(server, 'mlflow_run_experiment', { ...late, wait_seconds: 30 }),
      ).toMatchObject({
        result: { status: 'FINISHED' },
      });
    } finally {
      await worker.stop();
      await server.stop();
    }
  });
});

/** The first event of a kind, when it is there; the test's own timeout is the limit. */
async function eventOf<T>(
  workflowId: string,
  kind: (event: proto.api.history.v1.IHistoryEvent) => T | null | undefined,
): Promise<T> {
  for (;;) {
    const { events } = await service.temporal.workflow.getHandle(workflowId).fetchHistory();
    const found = events?.map(kind).find(Boolean);
    if (found) return found;
    await pause(50);
  }
}

describe('Temporal’s database', () => {
  it('holds nothing of the caller’s words; without encryption it does', async () => {
    await start(
      experiment('good.csv', {
        source: { kind: 'file', path: 'good.csv', target: `${CANARY}-missing` },
      }),
    );
    const temporal = join(inject('stateDir'), 'temporal');
    expect(await filesWith(temporal, CANARY)).toEqual([]);
    // What is only read by the UI is not left out.
    const words = `only-without-${CANARY}`;
    await start({ ...experiment('good.csv'), experiment_name: words }, plain);
    expect(await filesWith(temporal, words)).not.toEqual([]);
  });
});

describe('the Temporal UI', () => {
  it('has what it shows decrypted, by the requests that it makes', async () => {
    const ui = 'http://127.0.0.1:8233';
    const server = await serverWith({ TEMPORAL_UI_URL: ui });
    try {
      const id = await start(experiment('good.csv'), server);
      const inputs = await eventOf(id, (e) => e.workflowExecutionStartedEventAttributes?.input);
      const scheduled = await eventOf(id, (e) =>
        e.activityTaskScheduledEventAttributes ? e.userMetadata?.summary : undefined,
      );
      const payloads = [...(inputs.payloads ?? []), scheduled].map(({ metadata, data }) => ({
        metadata: Object.fromEntries(
          Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]),
        ),
        data: base64(data),
      }));
      expect(JSON.stringify(payloads)).not.toContain(base64(Buffer.from('json/plain')));
      const response = await fetch(`${server.url}/codec/decode?preserveStorageRefs=true`, {
        method: 'POST',
        headers: { origin: ui, 'content-type': 'application/json', 'x-namespace': 'default' },
        body: JSON.stringify({ payloads }),
      });
      expect(response.headers.get('access-control-allow-origin')).toBe(ui);
      const decoded = (await response.json()) as typeof inputs;
      const [input, summary] = (decoded.payloads ?? []).map(
        ({ data }) => JSON.parse(Buffer.from(String(data), 'base64').toString()) as unknown,
      );
      expect(input).toMatchObject({ experimentName: EXPERIMENT });
      expect(summary).toMatch(/^Check the source/);
    } finally {
      await server.stop();
    }
  });
});

const base64 = (bytes: Uint8Array | null | undefined): string =>
  Buffer.from(bytes ?? []).toString('base64');
