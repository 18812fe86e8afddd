import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { canonical, chainHash, GENESIS } from '../../../platform/audit/chain.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { EMPTY_TREE, grown, rootOf, type TreeHead } from '../../../platform/audit/merkle.ts';
import { readRows } from '../../../platform/audit/read-events.ts';
import { auditEffort } from '../../support/audit-effort.ts';
import { newPostgresDatabase } from '../../support/postgres-database.ts';

/** Two servers and two workers; 10 000 events together with AUDIT_EFFORT=20. */
const WRITERS = ['server-1', 'server-2', 'worker-1', 'worker-2'];
const EVENTS = 125 * auditEffort;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'writers-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SCRIPT = fileURLToPath(new URL('../../support/audit-writer.ts', import.meta.url));

/** Writes all events of a writer; is killed after `kills` of them each time, and started again behind those told. */
async function writeAll(
  place: string,
  name: string,
  kills: readonly number[],
): Promise<Set<number>> {
  const told = new Set<number>();
  for (const life of [...kills, Infinity]) {
    // What was under way when it was killed is recorded again under its old id.
    let first = 1;
    while (told.has(first)) first += 1;
    const child = spawn(process.execPath, [SCRIPT, place, name, String(first), String(EVENTS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let lines = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      told.add(Number(line));
      lines += 1;
      if (lines >= life) child.kill('SIGKILL');
    });
    await once(child, 'exit');
  }
  return told;
}

describe.each([
  ['SQLite', async () => join(folder, 'audit.db')],
  ['PostgreSQL', newPostgresDatabase],
])('four processes that write at once to %s, two of them killed again and again', (_, placeOf) => {
  it('leave one valid chain a tenant, with each event once', { timeout: 600_000 }, async () => {
    const place = await placeOf();
    const told = await Promise.all(
      WRITERS.map((name, n) => writeAll(place, name, n % 2 === 0 ? [EVENTS / 5, EVENTS / 4] : [])),
    );
    expect(told.map(({ size }) => size)).toEqual(WRITERS.map(() => EVENTS));

    const database = openAuditDatabase(place.startsWith('p') ? { url: place } : { path: place });
    const ids: string[] = [];
    for (const chain of ['acme', 'default']) {
      let head = GENESIS;
      let tree: TreeHead = EMPTY_TREE;
      for await (const { seq, id, hash, body } of readRows(database, { chain })) {
        expect(seq).toBe(tree.size + 1);
        expect(canonical(JSON.parse(body))).toBe(body);
        head = chainHash(head, body);
        expect(hash).toBe(head);
        tree = grown(tree, head);
        ids.push(id);
      }
      const row = await database.tables
        .selectFrom('audit_chains')
        .selectAll()
        .where('chain', '=', chain)
        .executeTakeFirstOrThrow();
      expect(row).toMatchObject({ size: tree.size, head });
      expect(rootOf({ frontier: JSON.parse(row.frontier) as string[] })).toBe(rootOf(tree));
    }
    await database.tables.destroy();
    const wanted = WRITERS.flatMap((name) => [...told[0]!].map((number) => `${name}/${number}`));
    expect(ids.sort()).toEqual(wanted.sort());
  });
});
