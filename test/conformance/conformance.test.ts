import { describe, expect, it } from 'vitest';

import { createApp } from '../../server/app.ts';
import { createMcpServerFactory } from '../../server/mcp.ts';
import { createDoors } from '../server/fake-experiments.ts';
import { OF_THE_PRODUCT, OF_THE_STACK, type ExpectedFailures } from './expected-failures.ts';
import { fixtureServers } from './fixtures/fixture-servers.ts';
import { runSuite, type Revision, type SuiteResults } from './run-suite.ts';
import { serveApp } from './serve-app.ts';

/** Scenarios that call no tool, resource or prompt of the suite’s own. */
const FIXTURE_FREE: Readonly<Record<Revision, readonly string[]>> = {
  '2025-11-25': [
    ...['server-initialize', 'server-session-lifecycle', 'server-sse-multiple-streams', 'ping'],
    ...['tools-list', 'resources-list', 'prompts-list', 'dns-rebinding-protection'],
  ],
  '2026-07-28': [
    ...['server-stateless', 'server-sse-multiple-streams', 'http-header-validation', 'caching'],
    ...['tools-list', 'resources-list', 'prompts-list', 'dns-rebinding-protection'],
    ...['sep-2164-resource-not-found', 'input-required-result-unsupported-methods'],
  ],
};

/** What failed, in the words of the expectations: so an expected failure that passes is found, too. */
function failures(results: SuiteResults, expected: ExpectedFailures) {
  const failed = new Map<string, string>();
  for (const [scenario, checks] of results) {
    for (const { id, status, errorMessage } of checks) {
      if (status !== 'FAILURE') continue;
      const key = scenario in expected ? scenario : `${scenario}:${id}`;
      failed.set(key, expected[key] ?? errorMessage ?? 'failed');
    }
  }
  return Object.fromEntries(failed);
}

describe.each(['2025-11-25', '2026-07-28'] as const)('the conformance suite of %s', (revision) => {
  it('finds nothing in the stack with its fixtures but what has to fail', async () => {
    const { options } = createDoors();
    const servers = fixtureServers(createMcpServerFactory(options));
    await using served = await serveApp(createApp(options, servers));
    const results = await runSuite(served.url, revision);
    const expected = OF_THE_STACK[revision];
    expect(failures(results, expected)).toEqual(expected);
  });

  it('finds nothing in the product but what we do not offer', async () => {
    await using served = await serveApp(createDoors().app);
    const all = await runSuite(served.url, revision);
    const names = FIXTURE_FREE[revision];
    expect([...all.keys()]).toEqual(expect.arrayContaining([...names]));
    const results = new Map([...all].filter(([scenario]) => names.includes(scenario)));
    const expected = OF_THE_PRODUCT[revision];
    expect(failures(results, expected)).toEqual(expected);
  });
});
