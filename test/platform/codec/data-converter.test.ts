import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDataConverter } from '../../../platform/codec/data-converter.ts';

let folder: string;
let payloadKeysFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-converter-'));
  payloadKeysFile = join(folder, 'payload.keys');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the data converter', () => {
  it('makes a key only where something is encrypted with it', async () => {
    await createDataConverter({ ENCRYPT_PAYLOADS: false, payloadKeysFile });
    await expect(stat(payloadKeysFile)).rejects.toThrow('ENOENT');
    await createDataConverter({ ENCRYPT_PAYLOADS: true, payloadKeysFile });
    expect((await stat(payloadKeysFile)).isFile()).toBe(true);
  });

  it('brings nothing of Node’s into the workflows', async () => {
    const { failureConverterPath } = await createDataConverter({
      ENCRYPT_PAYLOADS: true,
      payloadKeysFile,
    });
    const { code } = await bundleWorkflowCode({
      workflowsPath: new URL('../../../workflows/index.ts', import.meta.url).pathname,
      failureConverterPath: failureConverterPath!,
      logger: new DefaultLogger('ERROR'),
    });
    expect(code).toContain('encodeCommonAttributes: true');
    expect(code).not.toMatch(/node:crypto|createCipheriv/);
  });
});
