import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { raw } from '../platform/audit/tampering/mutation.ts';
import {
  checkpointsIn,
  databaseIn,
  fillSampleLog,
  openSampleLog,
} from '../platform/audit/tampering/sample-log.ts';

const COMMAND = fileURLToPath(new URL('../../cli/durable-experiments.mjs', import.meta.url));

let state: string;
let key: string;
const audit = (): string => join(state, 'audit');
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'audit-command-'));
  await mkdir(join(state, 'keys'));
  const sample = await openSampleLog(audit(), () => Date.parse('2026-01-31T12:00:00Z'));
  await fillSampleLog(sample);
  await sample.log.close();
  await rename(join(audit(), 'audit.keys'), join(state, 'keys', 'audit.keys'));
  key = join(state, 'auditor.pem');
  await writeFile(key, (await command('audit', 'keys', 'show')).stdout);
});
afterAll(() => rm(state, { recursive: true }));

function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const nowhere = 'http://127.0.0.1:9';
  const env = { STATE_DIR: state, MLFLOW_TRACKING_URI: nowhere, TEMPORAL_ADDRESS: '127.0.0.1:9' };
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('durable-experiments', () => {
  it('tells its commands to whoever asks, or names one that it does not have', async () => {
    const commands = expect.stringMatching(/audit .*\n[^]*Without a command: start/) as string;
    expect(await command('--help')).toMatchObject({ code: 0, stdout: commands, stderr: '' });
    expect(await command('toString')).toMatchObject({ code: 2, stdout: '', stderr: commands });
    expect(await command('audit', 'toString')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('verify') as string,
    });
  });

  it('shows the schema of all events', async () => {
    const { stdout } = await command('audit', 'schema');
    expect(JSON.parse(stdout)).toHaveProperty('anyOf');
  });

  it('verifies a log that nobody touched, and leaves it as it is', async () => {
    const before = await stat(databaseIn(audit()));
    const { code, stdout } = await command('audit', 'verify', databaseIn(audit()), '--key', key);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('default: 336 events') as string,
    });
    expect((await stat(databaseIn(audit()))).mtimeMs).toBe(before.mtimeMs);
  });

  it('says loudly that nobody vouches for keys that lay beside the log', async () => {
    const { code, stdout } = await command('audit', 'verify', databaseIn(audit()));
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('NOBODY VOUCHES') as string,
    });
  });

  it('exports a run without Temporal and MLflow, and a time; verifies both, and records it', async () => {
    const run = join(state, 'run');
    expect(await command('audit', 'export', '--run', 'experiment-1', '--out', run)).toMatchObject({
      code: 0,
    });
    const range = join(state, 'range');
    const days = ['--from', '2026-01-31', '--to', '2026-01-31'];
    expect(await command('audit', 'export', ...days, '--out', range)).toMatchObject({ code: 0 });
    for (const folder of [run, range]) {
      expect(await command('audit', 'verify', folder, '--key', key)).toMatchObject({ code: 0 });
    }
    const report = await readFile(join(run, 'report.html'), 'utf8');
    expect(report).toContain('Audit trail of experiment-1');
    expect(report).toContain('MLflow has nothing to show of this run');
    expect(await command('audit', 'verify', '--key', key)).toMatchObject({ code: 0 });
    raw(audit(), (database) => {
      const rows = database
        .prepare(
          `SELECT name, COUNT(*) AS n FROM audit_events WHERE name IN ('audit.exported', 'audit.verified') GROUP BY name ORDER BY name`,
        )
        .all();
      // Verified were the chains default and acme.
      expect(rows.map(({ name, n }) => [name, n])).toEqual([
        ['audit.exported', 2],
        ['audit.verified', 2],
      ]);
    });
  });

  it('goes on under a new key, for which the old one vouches', async () => {
    const { stdout } = await command('audit', 'keys', 'rotate');
    expect(stdout.match(/BEGIN PUBLIC KEY/g)).toHaveLength(2);
    const range = join(state, 'after');
    expect(
      await command(
        'audit',
        'export',
        '--from',
        '2026-01-31',
        '--to',
        '2100-01-01',
        '--out',
        range,
      ),
    ).toMatchObject({ code: 0 });
    expect(await command('audit', 'verify', range, '--key', key)).toMatchObject({ code: 0 });
    expect(await command('audit', 'verify', databaseIn(audit()), '--key', key)).toMatchObject({
      code: 0,
    });
  });

  it.each([
    ['a key that is not there', () => ['--key', 'no.pem'], 'There is no file no.pem.'],
    ['a key that is none', () => ['--key', databaseIn(audit())], 'not a public Ed25519 key'],
    ['a chain that there is not', () => ['--key', key, '--chain', 'x'], 'There is no chain x.'],
  ])('tells from a log that was touched: %s', async (_, options, sentence) => {
    const { code, stderr } = await command('audit', 'verify', databaseIn(audit()), ...options());
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(sentence) as string,
    });
  });

  it('names the first bad event of a log that was touched', async () => {
    raw(audit(), (database) =>
      database.exec(`DELETE FROM audit_events WHERE chain = 'default' AND seq = 77`),
    );
    const places = ['--checkpoints', checkpointsIn(audit()), '--chain', 'default'];
    const { code, stdout } = await command(
      'audit',
      'verify',
      databaseIn(audit()),
      '--key',
      key,
      ...places,
    );
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('First bad: default: event 77') as string,
    });
  });
});
