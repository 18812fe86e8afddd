import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

const HISTORIES = new URL('../fixtures/histories/', import.meta.url);

type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>;
let workflowBundle: Bundle;
let changedBundle: Bundle;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const bundle = (path: string) =>
    bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL(path, import.meta.url)) });
  workflowBundle = await bundle('../../workflows/index.ts');
  changedBundle = await bundle('./changed-workflow.ts');
});

async function replay(bundle: Bundle, name: string): Promise<void> {
  const json: unknown = JSON.parse(await readFile(new URL(name, HISTORIES), 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: bundle }, historyFromJSON(json), 'replayed');
}

const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'));

describe('the workflow code', () => {
  it('has recorded histories to replay', () => {
    expect(names.length).toBeGreaterThan(2);
  });

  it.each(names)('replays %s', async (name) => {
    await replay(workflowBundle, name);
  });

  it('would be caught by this test if it did its steps in another order', async () => {
    await expect(
      replay(changedBundle, names.find((name) => name.includes('finished')) ?? ''),
    ).rejects.toThrow(DeterminismViolationError);
  });
});
