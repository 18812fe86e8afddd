import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { parse } from 'yaml';

const require = createRequire(import.meta.url);

export type Revision = '2025-11-25' | '2026-07-28';

/** One statement of the specification, and how the server met it. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/** The checks by the name of their scenario. */
export type SuiteResults = ReadonlyMap<string, readonly Check[]>;

/** The suite writes no file for a scenario that broke off. */
const BROKE_OFF: Check = { id: 'ended', status: 'FAILURE', errorMessage: 'It broke off.' };

/** Runs every scenario that the official suite has for servers of a revision, unscored ones included. */
export async function runSuite(url: string, revision: Revision): Promise<SuiteResults> {
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-'));
  try {
    const cli = require.resolve('@modelcontextprotocol/conformance/dist/index.js');
    const args = [cli, 'server', '--url', url, '--requirements', revision, '--output-dir', folder];
    // It ends with 1 when a scored scenario fails; what failed is in the files.
    await promisify(execFile)(process.execPath, args).catch((error: { code?: unknown }) => {
      if (error.code !== 1) throw error;
    });
    const results = new Map<string, readonly Check[]>();
    for (const name of await scenarios(revision)) results.set(name, [BROKE_OFF]);
    for (const run of await readdir(folder)) {
      const checks = await readFile(path.join(folder, run, 'checks.json'), 'utf8');
      results.set(scenarioOf(run), JSON.parse(checks) as Check[]);
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Requirements {
  readonly server: readonly string[];
  readonly not_scored: readonly { readonly scenario: string; readonly leg: 'server' | 'client' }[];
}

async function scenarios(revision: Revision): Promise<readonly string[]> {
  const file = require.resolve(`@modelcontextprotocol/conformance/requirements/${revision}.yaml`);
  const required = parse(await readFile(file, 'utf8')) as Requirements;
  const unscored = required.not_scored.filter(({ leg }) => leg === 'server');
  return [...required.server, ...unscored.map(({ scenario }) => scenario)];
}

/** A folder is called server-<scenario>-<time>. */
function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
}
