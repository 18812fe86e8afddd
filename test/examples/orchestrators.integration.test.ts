import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { startRelay } from '../support/tcp-relay.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { anthropicDialect } from './stand-ins/anthropic-api.ts';
import { openAiDialect } from './stand-ins/openai-api.ts';
import { runExample } from './stand-ins/run-example.ts';
import { startScriptedApi, type ScriptedApi, type ScriptedTurn } from './stand-ins/scripted-api.ts';

const KEY = 'sk-played';
const TOOLS = [
  ...['mlflow_run_experiment', 'mlflow_validate_source', 'mlflow_get_run', 'mlflow_list_runs'],
  ...['mlflow_compare_runs', 'mlflow_retry_run', 'mlflow_cancel_run', 'mlflow_get_audit'],
];
const LIST = { call: [{ name: 'mlflow_list_runs', arguments: {} }] };

const providers = [
  {
    example: 'openai-orchestrator' as const,
    play: (script: ScriptedTurn[]) => startScriptedApi(openAiDialect(KEY), script),
    settings: (url: string) => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${url}/v1` }),
    key: 'OPENAI_API_KEY',
    cutOff: 'length',
    toolNames: (request: unknown) =>
      (request as { tools: { function: { name: string } }[] }).tools.map((t) => t.function.name),
  },
  {
    example: 'anthropic-orchestrator' as const,
    play: (script: ScriptedTurn[]) => startScriptedApi(anthropicDialect(KEY), script),
    settings: (url: string) => ({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: url }),
    key: 'ANTHROPIC_API_KEY',
    cutOff: 'max_tokens',
    toolNames: (request: unknown) =>
      (request as { tools: { name: string }[] }).tools.map(({ name }) => name),
  },
];

let service: TestService;
let api: ScriptedApi | undefined;
beforeAll(async () => {
  service = await startTestService();
});
afterEach(async () => {
  await api?.stop();
  api = undefined;
});
afterAll(() => service.stop());

describe.each(providers)('$example', ({ example, play, settings, key, cutOff, toolNames }) => {
  /** Asks the orchestrator, with a model that follows the script. */
  async function ask(
    script: ScriptedTurn[],
    { server = service.url, options = [] as string[] } = {},
  ) {
    const played = await play(script);
    api = played;
    const args = ['--server', server, ...options, 'How well does f1 do?'];
    return { ...(await runExample(example, args, settings(played.url))), api: played };
  }

  it('takes the model from a mistake over two runs at once to an answer, and MLflow has both runs', async () => {
    const experiment = `${example} ${Date.now()}`;
    const heard: (readonly string[])[] = [];
    const run = (target: string, C: number) => ({
      name: 'mlflow_run_experiment',
      arguments: {
        experiment_name: experiment,
        source: { kind: 'file', path: 'train.csv', features: ['f1'], target },
        params: { C },
        idempotency_key: `${experiment} ${target} ${C}`,
      },
    });
    const { code, stdout, stderr, api } = await ask([
      { call: [run('labl', 1)] },
      (results) => {
        heard.push(results);
        return { call: [run('label', 1), run('label', 0.01)] };
      },
      (results) => {
        heard.push(results);
        return { say: `The runs are ${runIds(results).join(' and ')}.` };
      },
    ]);

    expect(api.refusals).toEqual([]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(toolNames(api.requests[0])).toEqual(TOOLS);
    expect(heard[0]).toEqual([expect.stringContaining('COLUMN_NOT_FOUND')]);
    expect(heard[0]?.[0]).toContain('Did you mean “label”?');
    const ids = runIds(heard[1] ?? []);
    expect(stdout).toBe(`The runs are ${ids.join(' and ')}.\n`);
    // In the order of the calls.
    expect(await regularisations(ids)).toEqual(['1', '0.01']);
    expect(new Set(ids)).toEqual(await finishedRuns(experiment));
  });

  it('hands an unknown tool and wrong arguments back to the model', async () => {
    const heard: string[] = [];
    const { code, stdout, api } = await ask([
      {
        call: [
          { name: 'mlflow_fly', arguments: {} },
          { name: 'mlflow_get_run', arguments: { run_id: 7 } },
        ],
      },
      (results) => {
        heard.push(...results);
        return { say: 'I can’t.' };
      },
    ]);
    expect(api.refusals).toEqual([]);
    expect([code, stdout]).toEqual([0, 'I can’t.\n']);
    expect(heard[0]).toMatch(/UNKNOWN_TOOL.*mlflow_run_experiment/s);
    expect(heard[1]).toMatch(/INVALID_REQUEST.*run_id must be a string/s);
  });

  it('goes on when the server was away for a call', async () => {
    const relay = await startRelay({ host: '127.0.0.1', port: Number(new URL(service.url).port) });
    const heard: (readonly string[])[] = [];
    const { code, api } = await ask(
      [
        () => {
          relay.setOpen(false);
          return LIST;
        },
        (results) => {
          heard.push(results);
          relay.setOpen(true);
          return LIST;
        },
        (results) => {
          heard.push(results);
          return { say: 'Done.' };
        },
      ],
      { server: `http://127.0.0.1:${relay.port}` },
    );
    await relay.stop();
    expect(api.refusals).toEqual([]);
    expect(code).toBe(0);
    expect(heard[0]?.[0]).toMatch(/NO_ANSWER.*idempotency_key/s);
    expect(heard[1]?.[0]).not.toContain('NO_ANSWER');
  });

  it('asks no more than --rounds times', async () => {
    const { code, stdout, stderr, api } = await ask([LIST], { options: ['--rounds', '3'] });
    expect(api.refusals).toEqual([]);
    expect([code, stdout, api.requests.length]).toEqual([1, '', 3]);
    expect(stderr).toContain('still called tools after 3 rounds. Experiments that it has started');
  });

  it('waits as long as the API says and asks again', async () => {
    const busy = { status: 429, message: 'Too many requests', headers: { 'retry-after': '1' } };
    const { code, stdout, api } = await ask([busy, { say: 'Done.' }]);
    expect([code, stdout, api.requests.length]).toEqual([0, 'Done.\n', 2]);
  });

  it('gives the API’s own reason when it goes on refusing', async () => {
    const { code, stderr, api } = await ask([
      { status: 503, message: 'Overloaded until noon', headers: { 'retry-after-ms': '1' } },
    ]);
    expect([code, api.requests.length]).toEqual([1, 3]);
    expect(stderr).toMatch(/API refused the request or did not answer.\n {2}503 .*until noon/);
    expect(stderr).not.toContain('at async');
  });

  it('gives no answer that was cut off for a whole one', async () => {
    const { code, stdout, stderr } = await ask([{ say: 'The accuracy is 0.', reason: cutOff }]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`did not end its answer (${cutOff})`);
  });

  it('says which key is missing', async () => {
    const { code, stderr } = await runExample(example, ['--server', service.url, 'Well?'], {});
    expect(code).toBe(1);
    expect(stderr).toContain(`set ${key}.`);
  });

  it('says that a key is wrong', async () => {
    const played = await play([{ say: 'Never.' }]);
    api = played;
    const env = { ...settings(played.url), [key]: 'sk-other' };
    const { code, stderr } = await runExample(example, ['--server', service.url, 'Well?'], env);
    expect([code, played.requests.length]).toEqual([1, 1]);
    expect(stderr).toMatch(/401 .*api.key/i);
  });

  it.each([
    ['nobody listens', () => 'http://127.0.0.1:1'],
    ['MLflow listens', () => inject('mlflow')],
  ])('asks nothing when %s in the server’s place', async (_case, address) => {
    const server = address();
    const { code, stderr, api } = await ask([{ say: 'Never.' }], { server });
    expect([code, api.requests]).toEqual([1, []]);
    expect(stderr).toContain(`There is no experiment server at ${server}. Start it with`);
  });

  it.each([
    ['no question', []],
    ['two questions', ['one', 'two']],
    ['an address that is none', ['--server', 'nowhere', 'Well?']],
    ['rounds that are no number', ['--rounds', 'many', 'Well?']],
    ['an unknown option', ['--fast', 'Well?']],
  ])('shows how it is used when it gets %s', async (_case, args) => {
    const { code, stderr } = await runExample(example, args, {});
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: ');
  });
});

describe('openai-orchestrator', () => {
  it('tells the model of arguments that are not JSON', async () => {
    const heard: string[] = [];
    const played = await startScriptedApi(openAiDialect(KEY), [
      { call: [{ name: 'mlflow_get_run', arguments: '{"run_id": "ab' }, ...LIST.call] },
      (results) => {
        heard.push(...results);
        return { say: 'Done.' };
      },
    ]);
    api = played;
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${played.url}/v1` };
    const args = ['--server', service.url, 'Well?'];
    expect(await runExample('openai-orchestrator', args, env)).toMatchObject({ code: 0 });
    expect(heard[0]).toMatch(/INVALID_REQUEST.*not JSON/);
    expect(heard[1]).toContain('"runs"');
  });

  it('asks a model that thinks by itself with --effort none', async () => {
    const played = await startScriptedApi(openAiDialect(KEY), [{ say: 'Done.' }]);
    api = played;
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${played.url}/v1` };
    const args = ['--server', service.url, '--model', 'gpt-5.6-terra', 'Well?'];
    const without = await runExample('openai-orchestrator', args, env);
    expect(without).toMatchObject({ code: 1 });
    expect(without.stderr).toContain("set reasoning_effort to 'none'");
    const withNone = await runExample('openai-orchestrator', ['--effort', 'none', ...args], env);
    expect(withNone).toMatchObject({ code: 0, stdout: 'Done.\n' });
  });
});

/** The ids of runs in what the tools answered, as JSON or as text. */
function runIds(results: readonly string[]): string[] {
  return results.flatMap((result) => /run(?:_id":"| )([0-9a-f]{32})/.exec(result)?.[1] ?? []);
}

async function regularisations(ids: readonly string[]): Promise<unknown[]> {
  const runs = await Promise.all(ids.map((id) => mlflow<MlflowRun>(`runs/get?run_id=${id}`)));
  return runs.map(({ run }) => run.data.params.find(({ key }) => key === 'C')?.value);
}

async function finishedRuns(experiment: string): Promise<Set<string>> {
  const name = encodeURIComponent(experiment);
  const found = await mlflow<{ experiment: { experiment_id: string } }>(
    `experiments/get-by-name?experiment_name=${name}`,
  );
  const { runs } = await mlflow<{ runs: { info: { run_id: string; status: string } }[] }>(
    'runs/search',
    { experiment_ids: [found.experiment.experiment_id] },
  );
  expect(runs.map(({ info }) => info.status)).toEqual(['FINISHED', 'FINISHED']);
  return new Set(runs.map(({ info }) => info.run_id));
}

interface MlflowRun {
  readonly run: { readonly data: { readonly params: { key: string; value: string }[] } };
}

async function mlflow<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${inject('mlflow')}/api/2.0/mlflow/${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return (await response.json()) as Answer;
}
