import { readFile, stat } from 'node:fs/promises';

import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';

import { workflowBundle } from '../../activities/workflow-bundle.ts';

it('the workflows are bundled once, also with our failure converter', async () => {
  const logger = new DefaultLogger('ERROR');
  const path = async (options: Parameters<typeof workflowBundle>[0]): Promise<string> => {
    const bundle = await workflowBundle(options, logger);
    expect(bundle).toHaveProperty('codePath');
    return (bundle as { codePath: string }).codePath;
  };
  const first = await path({});
  const { mtimeMs } = await stat(first);
  expect(await readFile(first, 'utf8')).toContain('runExperiment');
  expect(await path({})).toBe(first);
  expect((await stat(first)).mtimeMs).toBe(mtimeMs);
  const failureConverterPath = new URL('../../platform/codec/failure-converter.ts', import.meta.url)
    .pathname;
  expect(await path({ failureConverterPath })).not.toBe(first);
});
