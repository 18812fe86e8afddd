import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createAuditLog, type AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../platform/audit/new-event.ts';
import { canonical, chainHash, GENESIS } from '../../../platform/audit/chain.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { inclusionPaths } from '../../../platform/audit/inclusion-proofs.ts';
import {
  EMPTY_TREE,
  grown,
  rootByPath,
  rootOf,
  type TreeHead,
} from '../../../platform/audit/merkle.ts';
import { eventsAbout, readRows } from '../../../platform/audit/read-events.ts';
import { eventProblem } from '../../../schemas/audit-event.ts';

let folder: string;
const opened: AuditLog[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
});
afterAll(async () => {
  await Promise.all(opened.map((log) => log.close()));
  await rm(folder, { recursive: true });
});

function openLog(name: string): AuditLog {
  const log = createAuditLog({
    database: openAuditDatabase({ path: join(folder, name) }),
    recorder: { role: 'worker', version: '1', instance: 'here:1' },
  });
  opened.push(log);
  return log;
}

const refused = (chain: string, count: number, id?: string): Recorded => ({
  ...{ name: 'access.refused', chain, id },
  fields: {
    'error.type': 'UNAUTHENTICATED',
    count,
    since: '2026-01-01T00:00:00.000Z',
    addresses: 1,
  },
});

/** Recomputes a chain as an auditor would. */
async function checkedChain(log: AuditLog, chain: string) {
  let head = GENESIS;
  let tree: TreeHead = EMPTY_TREE;
  const ids = new Set<string>();
  const hashes: string[] = [];
  for await (const row of readRows(log.database, { chain })) {
    const event = JSON.parse(row.body) as Record<string, unknown>;
    expect(eventProblem(event)).toBeUndefined();
    expect(row.seq).toBe(tree.size + 1);
    expect(event['audit.seq']).toBe(row.seq);
    expect(canonical(event)).toBe(row.body);
    head = chainHash(head, row.body);
    expect(row.hash).toBe(head);
    tree = grown(tree, head);
    ids.add(row.id);
    hashes.push(head);
  }
  expect(ids.size).toBe(tree.size);
  return { tree, ids, hashes };
}

describe('the audit log', () => {
  it('keeps one chain a tenant, whichever of several writers comes first', async () => {
    const writers = ['many.db', 'many.db', 'many.db'].map(openLog);
    await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        writers[n % 3]!.record(
          refused(n % 2 ? 'acme' : 'default', n, `e${n}`),
          refused('~service', n),
        ),
      ),
    );
    for (const chain of ['acme', 'default']) {
      expect((await checkedChain(writers[0]!, chain)).ids.size).toBe(150);
    }
    expect((await checkedChain(writers[1]!, '~service')).ids.size).toBe(300);
  });

  it('records once what is sent twice', async () => {
    const log = openLog('twice.db');
    await Promise.all([1, 2, 3].map((n) => log.record(refused('default', n, 'same'))));
    await log.record(refused('default', 4, 'same'), refused('default', 5, 'other'));
    expect([...(await checkedChain(log, 'default')).ids]).toEqual(['same', 'other']);
  });

  it('proves each event in the tree of any later size', async () => {
    const log = openLog('proofs.db');
    for (let part = 0; part < 7; part += 1) {
      await log.record(...Array.from({ length: 101 }, (_, n) => refused('default', n)));
    }
    const { tree, hashes } = await checkedChain(log, 'default');
    for (const size of [1, 255, 256, 257, 512, 600, 707]) {
      const seqs = [1, 2, 255, 256, 257, 500, 600, 707].filter((seq) => seq <= size);
      const root = rootOf(
        hashes.slice(0, size).reduce((grows: TreeHead, hash) => grown(grows, hash), EMPTY_TREE),
      );
      const paths = await inclusionPaths(log.database, { chain: 'default', size, seqs });
      for (const seq of seqs) {
        const proof = { index: seq - 1, size, path: paths.get(seq)! };
        expect(rootByPath(hashes[seq - 1]!, proof)).toBe(root);
      }
    }
    expect(tree.size).toBe(707);
  });

  it('lets nobody change or remove an event through SQL', async () => {
    const log = openLog('guarded.db');
    await log.record(refused('default', 1));
    const { tables } = log.database;
    await expect(tables.updateTable('audit_events').set({ body: '{}' }).execute()).rejects.toThrow(
      'never changed',
    );
    await expect(tables.deleteFrom('audit_events').execute()).rejects.toThrow('never removed');
  });

  it('finds events by what they are about', async () => {
    const log = openLog('about.db');
    const run = { 'temporal.workflow_id': 'experiment-1', 'temporal.run_id': 'r1' };
    await log.record({
      ...{ name: 'run.reused', chain: 'default' },
      fields: { ...run, 'mlflow.run_id': 'abc', 'mlflow.model_id': 'm-1' },
    });
    const found = await eventsAbout(log.database, {
      chain: 'default',
      subject: 'run:abc',
      limit: 5,
    });
    expect(found.map((event) => event['event.name'])).toEqual(['run.reused']);
    expect(
      await eventsAbout(log.database, { chain: 'acme', subject: 'run:abc', limit: 5 }),
    ).toEqual([]);
  });

  it('says that it can’t be written, with a remedy, and goes on when it can', async () => {
    const log = createAuditLog({
      database: openAuditDatabase({ url: 'postgresql://nobody:secret@127.0.0.1:9/none' }),
      recorder: { role: 'server', version: '1', instance: 'here:1' },
      patienceMs: 0,
    });
    const failure = await log.record(refused('default', 1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect(String((failure as Error).message)).not.toContain('secret');
    await log.close();
  });
});
