import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

import { runEndSinks } from '../../activities/run-ends.ts';
import { WORKFLOWS } from '../../activities/workflow-bundle.ts';

const HISTORIES = new URL('../fixtures/histories/', import.meta.url);

type Bundle = Awaited<ReturnType<typeof bundleWorkflowCode>>;
let workflowBundle: Bundle;
let changedBundle: Bundle;
/** What a replay tells again. */
const ends: string[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode(WORKFLOWS);
  const changed = fileURLToPath(new URL('./changed-workflow.ts', import.meta.url));
  changedBundle = await bundleWorkflowCode({ ...WORKFLOWS, workflowsPath: changed });
});

async function replay(bundle: Bundle, name: string): Promise<void> {
  const json: unknown = JSON.parse(await readFile(new URL(name, HISTORIES), 'utf8'));
  const sinks = runEndSinks([() => ends.push(name)]);
  await Worker.runReplayHistory(
    { workflowBundle: bundle, sinks },
    historyFromJSON(json),
    'replayed',
  );
}

const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'));

describe('the workflow code', () => {
  it('has recorded histories to replay', () => {
    expect(names.length).toBeGreaterThan(2);
  });

  it.each(names)('replays %s', async (name) => {
    await replay(workflowBundle, name);
    expect(ends).toEqual([]);
  });

  it('would be caught by this test if it did its steps in another order', async () => {
    await expect(
      replay(changedBundle, names.find((name) => name.includes('finished')) ?? ''),
    ).rejects.toThrow(DeterminismViolationError);
  });
});
