import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await startTestService();
  client = new Client({ name: 'reader', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', service.url)));
});
afterAll(async () => {
  await client.close();
  await service.stop();
});

async function run(path: string) {
  const answer = await client.callTool({
    name: 'mlflow_run_experiment',
    arguments: { experiment_name: 'read', source: { kind: 'file', path, target: 'label' } },
  });
  return answer.structuredContent as {
    run_id?: string;
    workflow_id?: string;
    failure?: { run_id: string; workflow_id: string };
  };
}

const read = async (uri: string) => (await client.readResource({ uri })).contents[0];

describe('a run’s resources', () => {
  it('are read by either of its ids', async () => {
    const { run_id, workflow_id } = await run('train.csv');
    for (const id of [run_id, workflow_id]) {
      expect(await read(`run://${id}/report`)).toMatchObject({
        mimeType: 'text/markdown',
        text: expect.stringMatching(/accuracy[^\n]*0\.925/) as string,
      });
      const chart = (await read(`run://${id}/report/roc_curve.svg`)) as { blob: string };
      expect(Buffer.from(chart.blob, 'base64').toString()).toMatch(/^<svg /);
      const history = (await read(`run://${id}/history`)) as { text: string };
      expect(JSON.parse(history.text)).toMatchObject({ run_id, status: 'FINISHED' });
    }
    await expect(read(`run://${run_id}/report/other.svg`)).rejects.toThrow(
      /no artifact|not found/i,
    );
  });

  it('of a run that failed before its report are its history', async () => {
    const { failure } = await run('none.csv');
    const id = failure?.workflow_id;
    const history = (await read(`run://${id}/history`)) as { text: string };
    expect(JSON.parse(history.text)).toMatchObject({ failure: { code: 'FILE_NOT_FOUND' } });
    await expect(read(`run://${id}/report`)).rejects.toThrow(/not found/i);
    await expect(read(`run://${'0'.repeat(32)}/report`)).rejects.toThrow(/not found/i);
  });
});
