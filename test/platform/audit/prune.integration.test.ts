import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../platform/audit/new-event.ts';
import { chainHash } from '../../../platform/audit/chain.ts';
import { createFolderStore } from '../../../platform/audit/checkpoint-store.ts';
import { committed } from '../../../platform/audit/commitment.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { inclusionPaths } from '../../../platform/audit/inclusion-proofs.ts';
import { grown, rootByPath, rootOf, type TreeHead } from '../../../platform/audit/merkle.ts';
import { planPruning, prune, type PruneDependencies } from '../../../platform/audit/prune.ts';
import { publishCheckpoint } from '../../../platform/audit/publish-checkpoint.ts';
import { eventsAbout, readRows } from '../../../platform/audit/read-events.ts';
import { loadSigningKeys } from '../../../platform/audit/signing-keys.ts';
import type { Checkpoint } from '../../../platform/audit/checkpoint.ts';
import { newPostgresDatabase } from '../../support/postgres-database.ts';

let folder: string;
const opened: AuditLog[] = [];
/** A database of PostgreSQL for this file alone. */
let shared: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prune-'));
  shared = await newPostgresDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((log) => log.close()));
  await rm(folder, { recursive: true });
});

const DAY = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const day = (n: number) => new Date(START + n * DAY);
const ME = { 'user.id': 'me' };

type Kind = 'sqlite' | 'postgres';

interface Place extends PruneDependencies {
  readonly chain: string;
  /** Sets the clock and records so many events of one run, each with a text of its own. */
  add(events: {
    readonly count: number;
    readonly day: number;
    readonly run: string;
  }): Promise<void>;
  publish(): Promise<Checkpoint>;
}

async function place(name: string, kind: Kind = 'sqlite'): Promise<Place> {
  let now = START;
  const chain = `${name}-${kind}`;
  const path = join(folder, chain);
  const log = createAuditLog({
    database: openAuditDatabase(kind === 'sqlite' ? { path: `${path}.db` } : { url: shared }),
    recorder: { role: 'command', version: '1', instance: 'here:1' },
    now: () => now,
  });
  opened.push(log);
  const keys = await loadSigningKeys(`${path}.keys`);
  const store = createFolderStore(path);
  return {
    ...{ log, keys, store, chain },
    async add({ count, day: days, run }) {
      now = START + days * DAY;
      const events = Array.from({ length: count }, (): Recorded => {
        const [own, nobodys] = [committed('text', run), committed('reason')];
        return {
          ...{ name: 'run.cancel_requested', chain, secrets: [own, nobodys] },
          fields: {
            ...{ 'temporal.workflow_id': run, 'temporal.run_id': 'r', 'user.id': own.commitment },
            'reason.commitment': nobodys.commitment,
          },
        };
      });
      await log.record(...events);
    },
    async publish() {
      return (await publishCheckpoint({ log, keys, store }, chain)) as Checkpoint;
    },
  };
}

/** Recomputes what is left of a chain, and compares it with a checkpoint. */
async function expectValid({ chain, log: { database } }: Place, checkpoint: Checkpoint) {
  const row = await database.tables
    .selectFrom('audit_chains')
    .selectAll()
    .where('chain', '=', chain)
    .executeTakeFirstOrThrow();
  let head = row.pruned_head;
  let tree: TreeHead = {
    size: row.pruned_size,
    frontier: JSON.parse(row.pruned_frontier) as string[],
  };
  const hashes = new Map<number, string>();
  for await (const { seq, body, hash } of readRows(database, { chain })) {
    expect(seq).toBe(tree.size + 1);
    head = chainHash(head, body);
    expect(hash).toBe(head);
    hashes.set(seq, head);
    tree = grown(tree, head);
    if (tree.size === checkpoint.size) {
      expect({ head, root: rootOf(tree) }).toEqual({
        head: checkpoint.head,
        root: checkpoint.root,
      });
    }
  }
  expect(tree.size).toBeGreaterThanOrEqual(checkpoint.size);
  const seqs = [row.pruned_size + 1, row.pruned_size + 7, checkpoint.size];
  const paths = await inclusionPaths(database, { chain, size: checkpoint.size, seqs });
  for (const seq of seqs) {
    const proof = { index: seq - 1, size: checkpoint.size, path: paths.get(seq)! };
    expect(rootByPath(hashes.get(seq)!, proof)).toBe(checkpoint.root);
  }
  return row.pruned_size;
}

async function counts({ chain, log: { database } }: Place) {
  const of = async (table: 'audit_events' | 'audit_private' | 'audit_subjects') =>
    Number(
      (
        await database.tables
          .selectFrom(table)
          .select((on) => on.fn.countAll<number>().as('count'))
          .where('chain', '=', chain)
          .executeTakeFirstOrThrow()
      ).count,
    );
  return {
    events: await of('audit_events'),
    texts: await of('audit_private'),
    subjects: await of('audit_subjects'),
  };
}

describe.each<Kind>(['sqlite', 'postgres'])('pruning in %s', (kind) => {
  it('takes whole subtrees of old events that a checkpoint covers, and what stays is valid', async () => {
    const here = await place('valid', kind);
    const { chain } = here;
    await here.add({ count: 300, day: 0, run: 'experiment-a' });
    await here.add({ count: 400, day: 1, run: 'experiment-b' });
    await here.add({ count: 100, day: 9, run: 'experiment-c' });
    const checkpoint = await here.publish();
    const plan = await planPruning(here, { chain, before: day(5) });
    expect(plan).toEqual({ chain, after: 0, to: 512 });
    const before = await counts(here);
    await prune(here, plan, ME);
    expect(await expectValid(here, checkpoint)).toBe(512);
    // Of b some events stay, and so all its texts; a’s are gone. The others go with their events.
    expect(await counts(here)).toEqual({
      events: before.events - 512 + 1,
      texts: before.texts - 300 - 512,
      subjects: before.subjects - 2 * 512 + 1,
    });
    const [pruned] = await eventsAbout(here.log.database, {
      ...{ chain, subject: 'user:me', limit: 9 },
    });
    expect(pruned).toMatchObject({ 'event.name': 'audit.pruned', 'pruned.size': 512 });
    expect(await planPruning(here, { chain, before: day(5) })).toMatchObject({
      after: 512,
      to: 512,
    });

    await here.add({ count: 300, day: 20, run: 'experiment-d' });
    const later = await here.publish();
    await prune(here, await planPruning(here, { chain, before: day(15) }), ME);
    expect(await expectValid(here, later)).toBe(768);
    expect((await counts(here)).texts).toBe(2 * (800 - 768) + (768 - 700) + 2 * 300);
  });

  it('keeps what no checkpoint covers', async () => {
    const here = await place('uncovered', kind);
    const { chain } = here;
    await here.add({ count: 300, day: 0, run: 'experiment-a' });
    await here.publish();
    await here.add({ count: 600, day: 1, run: 'experiment-a' });
    expect(await planPruning(here, { chain, before: day(5) })).toMatchObject({ after: 0, to: 256 });
  });

  it('goes on where it was stopped, whoever else prunes', async () => {
    const here = await place('stopped', kind);
    const { chain } = here;
    for (let n = 0; n < 10; n += 1) await here.add({ count: 500, day: n, run: 'experiment-a' });
    const checkpoint = await here.publish();
    const plan = await planPruning(here, { chain, before: day(20) });
    expect(plan.to).toBe(4864);
    const part = await planPruning(here, { chain, before: day(6) });
    const all = [part, plan, plan].map((one) => prune(here, one, ME));
    const failed = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
    for (const one of failed) {
      expect(one).toMatchObject({ reason: { code: 'AUDIT_UNAVAILABLE' } });
    }
    await prune(here, plan, ME);
    expect(await expectValid(here, checkpoint)).toBe(4864);
    const events = await eventsAbout(here.log.database, { chain, subject: 'user:me', limit: 9 });
    expect(events.map((event) => 'pruned.size' in event && event['pruned.size'])).toEqual(
      expect.arrayContaining([4864]),
    );
  });
});

describe('pruning', () => {
  it('refuses a chain that is not as it was signed', async () => {
    const here = await place('touched');
    const { chain } = here;
    await here.add({ count: 300, day: 0, run: 'experiment-a' });
    await here.publish();
    const { tables } = here.log.database;
    await tables.schema.dropTable('audit_nodes').execute();
    await tables.schema
      .createTable('audit_nodes')
      .addColumn('chain', 'text')
      .addColumn('position', 'integer')
      .addColumn('root', 'text')
      .execute();
    await expect(planPruning(here, { chain, before: day(5) })).rejects.toMatchObject({
      code: 'BLOB_CORRUPT',
    });
  });
});
