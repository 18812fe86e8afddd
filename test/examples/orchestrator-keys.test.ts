import { afterAll, describe, expect, it } from 'vitest';

import { makeKey } from '../../server/access/api-key.ts';
import { writeKeyList } from '../../server/access/key-list.ts';
import { askingServer } from '../server/access/asking-server.ts';
import { anthropicDialect } from './stand-ins/anthropic-api.ts';
import { openAiDialect } from './stand-ins/openai-api.ts';
import { runExample } from './stand-ins/run-example.ts';
import { startScriptedApi, type ScriptedTurn } from './stand-ins/scripted-api.ts';

const product = await askingServer();
afterAll(() => product.stop());

const about = { name: 'agent', tenant: 'default', scopes: ['runs:read' as const], expires: null };
const { text: key, entry } = makeKey(about, new Date());
await writeKeyList(product.keysFile, [entry]);
const url = await product.start();

const LIST: ScriptedTurn = {
  call: [{ name: 'mlflow_list_runs', arguments: { experiment_name: 'demo' } }],
};

describe.each([
  [
    'openai-orchestrator' as const,
    (script: ScriptedTurn[]) => startScriptedApi(openAiDialect('sk'), script),
    (api: string) => ({ OPENAI_API_KEY: 'sk', OPENAI_BASE_URL: `${api}/v1` }),
  ],
  [
    'anthropic-orchestrator' as const,
    (script: ScriptedTurn[]) => startScriptedApi(anthropicDialect('sk'), script),
    (api: string) => ({ ANTHROPIC_API_KEY: 'sk', ANTHROPIC_BASE_URL: api }),
  ],
])('%s', (example, play, settings) => {
  it('shows its key to a server that asks, and to nobody else', async () => {
    const heard: string[] = [];
    const api = await play([
      LIST,
      (results) => {
        heard.push(...results);
        return { say: 'Done.' };
      },
    ]);
    const args = ['--server', url, 'What is there?'];
    const given = { ...settings(api.url), EXPERIMENTS_API_KEY: key };
    const { code, stderr } = await runExample(example, args, given);
    await api.stop();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    // The tool was reached: what is missing is behind it.
    expect(heard).toEqual([expect.stringMatching(/MLFLOW_/)]);
    expect(JSON.stringify(api.requests) + stderr).not.toContain(key);
  });

  it('says what is missing without one', async () => {
    const api = await play([]);
    const { code, stderr } = await runExample(example, ['--server', url, 'x'], settings(api.url));
    await api.stop();
    expect(code).toBe(1);
    expect(stderr).toContain('set EXPERIMENTS_API_KEY');
  });
});
