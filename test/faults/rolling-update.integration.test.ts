import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { operationsEffort } from '../support/operations-effort.ts';
import { productCommand } from '../support/product-command.ts';
import { startOne, type Started } from './experiments.ts';
import { openFleet, type Fleet, type Member } from './fleet.ts';
import { holdTable } from './held-table.ts';
import { checkInvariants, type Calm } from './invariants.ts';
import { KINDS, type Kind } from './requests.ts';
import { checkAuditLog, playCalm } from './scenario.ts';

// `npm run prove` has 200 experiments going in each update, and 100 more that are asked for meanwhile.
const COUNT = operationsEffort === 1 ? 6 : 200;
const run = randomUUID();
const DEPLOYMENT = `fleet-${run}`;

let fleet: Fleet;
let calm: Calm;
let servers: Member[];
let workers: Member[];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rolling-update-'));
  fleet = await openFleet({ servers: 2, workers: 0 });
  servers = [...fleet.servers];
  // The first version of all, which nobody has promoted.
  workers = await startWorkers('v1', 'auto-upgrade');
  calm = await playCalm(fleet);
});
afterAll(async () => {
  await fleet.close();
  await rm(folder, { recursive: true, force: true });
});

/** Steps are handed back at once, so that trainings change hands in the middle. */
const startWorkers = (version: string, versioning: 'auto-upgrade' | 'pinned'): Promise<Member[]> =>
  Promise.all(
    [1, 2].map(() =>
      fleet.start('worker', {
        ...{ WORKER_DEPLOYMENT: DEPLOYMENT, WORKER_BUILD_ID: version },
        ...{ WORKER_VERSIONING: versioning, STOP_GRACE_SECONDS: '0.2' },
      }),
    ),
  );

async function command(...args: string[]): Promise<string> {
  const settings = { ...fleet.settings, WORKER_DEPLOYMENT: DEPLOYMENT, STATE_DIR: folder };
  const { code, stdout, stderr } = await productCommand(settings, ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

const startMany = (name: string, count: number): Promise<Started[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      startOne(fleet, `${name}-${run}`, i % 4 === 0 ? 'big' : (KINDS[i % KINDS.length] as Kind)),
    ),
  );

/** One after another: a new one first, then the old one is asked to stop. */
async function replaceServers(): Promise<void> {
  for (const old of servers.splice(0, 2)) {
    servers.push(await fleet.start('server'));
    await old.process.stop();
  }
}

/** Which version each experiment ended on. */
async function versionsOf(started: readonly Started[]): Promise<(string | undefined)[]> {
  return (await Promise.all(started.map(begun))).map(({ versions }) => [...versions].at(-1));
}

interface Begun {
  /** Of its first workflow task, in milliseconds. */
  readonly at: number;
  /** Of the workers that have had its workflow tasks, the first one first. */
  readonly versions: ReadonlySet<string | undefined>;
}

async function begun({ workflowId }: Started): Promise<Begun> {
  const { events } = await fleet.temporal.workflow.getHandle(workflowId).fetchHistory();
  const tasks = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
  const versions = tasks.map(
    (event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? undefined,
  );
  const { seconds, nanos } = tasks[0]?.eventTime ?? {};
  return { at: 1000 * Number(seconds) + Number(nanos) / 1e6, versions: new Set(versions) };
}

describe(
  `an update of all workers and servers while ${COUNT} experiments are going`,
  { timeout: operationsEffort === 1 ? 180_000 : 30 * 60_000 },
  () => {
    it('has running experiments go on with the new version, none lost and none doubled', async () => {
      const [old, next] = [workers, await startWorkers('v2', 'pinned')];
      const table = await holdTable(fleet.postgres);
      const before = await startMany('on v1', COUNT);
      expect(await command('versions', 'promote', 'v2')).toContain('v2 is the current one');
      const [after] = await Promise.all([
        startMany('from v1 to v2', COUNT / 2),
        replaceServers(),
        (async () => {
          for (const member of old) await member.process.stop();
          await table.release();
        })(),
      ]);
      workers = next;
      await checkInvariants(fleet, calm, before);
      await checkInvariants(fleet, calm, after);
      const held = before.filter(({ kind }) => kind === 'big' || kind === 'postgres');
      expect(new Set(await versionsOf(held))).toEqual(new Set(['v2']));
      expect(new Set(await versionsOf(after))).toEqual(new Set(['v2']));
    });

    it('has pinned experiments end on their version, whose workers stop when it is drained', async () => {
      const [old, next] = [workers, await startWorkers('v3', 'pinned')];
      const before = await startMany('on v2', COUNT);
      const versionsOfFirst = async () => (await begun(before[0] as Started)).versions.size;
      await expect.poll(versionsOfFirst, { timeout: 60_000, interval: 200 }).toBe(1);
      const promotedAt = Date.now();
      await command('versions', 'promote', 'v3');
      const [after, drained] = await Promise.all([
        startMany('from v2 to v3', COUNT / 2),
        command('drain', '--version', 'v2'),
      ]);
      workers = next;
      expect(drained.trim().split('\n').at(-1)).toBe(
        'Version v2 is drained: 0 experiments, 0 workers.',
      );
      for (const { process } of old) expect(await process.ended).toBe(0);
      await checkInvariants(fleet, calm, before);
      await checkInvariants(fleet, calm, after);
      // Of 200 that were asked for at once, some begin after that: then with v3.
      const all = await Promise.all(before.map(begun));
      const early = all.filter(({ at }) => at < promotedAt);
      expect(early.length).toBeGreaterThan(0);
      for (const { versions } of early) expect(versions).toEqual(new Set(['v2']));
      for (const { versions } of all) expect(versions.size).toBe(1);
      for (const { versions } of await Promise.all(after.map(begun)))
        expect(versions).toEqual(new Set(['v3']));
    });

    it('and the audit log verifies', () => checkAuditLog(fleet));
  },
);
