import { spawnSync } from 'node:child_process';

import { expect, it } from 'vitest';

const SCRIPT = `
  import { startPostgres } from '${new URL('postgres.ts', import.meta.url).href}';
  const server = await startPostgres();
  await server.stop();
  process.exitCode = 3;
`;

it('leaves the exit code of its process alone: a failed test run must not count as passed', () => {
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT]);
  expect(status).toBe(3);
});
