import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

const MINUTE = 60_000;

// Of the processes that run tests, and of those that tests start.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'durable-experiments-modules');

/** Tests by what they need: nothing; Python; a Temporal server; every server; the whole product; Docker. */
export default defineConfig({
  test: {
    // Two cores carry the servers, too.
    maxWorkers: 3,
    testTimeout: MINUTE,
    hookTimeout: 3 * MINUTE,
    // Node loads the modules as it does in the product, and keeps them compiled.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Modules keep nothing that another file could stumble over, and are loaded once.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{parity,workflow,integration,e2e,docker}.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'parity',
          isolate: false,
          include: ['test/**/*.parity.test.ts'],
          globalSetup: 'test/support/python-setup.ts',
          testTimeout: 3 * MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: 'workflow',
          include: ['test/**/*.workflow.test.ts'],
          globalSetup: 'test/support/servers-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          isolate: false,
          include: ['test/**/*.integration.test.ts'],
          globalSetup: 'test/support/servers-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'end-to-end',
          include: ['test/**/*.e2e.test.ts'],
          globalSetup: 'test/support/servers-setup.ts',
          testTimeout: 5 * MINUTE,
          // One file: a second one would want its ports, too.
        },
      },
      // Docker is no condition of `npm test`.
      ...(process.env['WITH_DOCKER'] === undefined
        ? []
        : [
            {
              extends: true as const,
              test: {
                name: 'docker',
                include: ['test/**/*.docker.test.ts'],
                testTimeout: 10 * MINUTE,
                hookTimeout: 30 * MINUTE,
              },
            },
          ]),
    ],
  },
});
