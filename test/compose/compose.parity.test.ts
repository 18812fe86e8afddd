import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { COMPOSE_FILE } from './compose-file.ts';

describe('docker-compose.yml', () => {
  it('fits the JSON schema of the Compose specification', async () => {
    const program = join(dirname(inject('python')), 'check-jsonschema');
    const check = promisify(execFile)(program, [
      ...['--builtin-schema', 'vendor.compose-spec'],
      COMPOSE_FILE,
    ]);

    await expect(check).resolves.toMatchObject({ stdout: expect.stringContaining('ok') as string });
  });
});
