import { rm, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { loadSigningKeys } from '../../../../platform/audit/signing-keys.ts';
import { canonical, chainHash } from '../../../../platform/audit/chain.ts';
import { checkpointFiles, raw, rewrite, sizeOf, type Mutation } from './mutation.ts';
import { checkpointsIn } from './sample-log.ts';

const COVERED = 335;

/** Whoever does these knows how the log is made, and makes all the hashes right again. */
export const cleverMutations: readonly Mutation[] = [
  rewriting('an event rewritten, and all after it', (events, seq) =>
    events.map((event, at) => (at === seq - 1 ? { ...event, 'service.version': 'nicer' } : event)),
  ),
  rewriting('an event taken out, the others chained anew', (events, seq) =>
    events.toSpliced(seq - 1, 1),
  ),
  rewriting('an event put in, the others chained anew', (events, seq) =>
    events.toSpliced(seq - 1, 0, {
      ...events[0],
      'event.id': 'new',
      'event.name': 'tool.requested',
    }),
  ),
  rewriting('two events in the other order, chained anew', (events, seq) => {
    const changed = [...events];
    [changed[seq - 1], changed[seq]] = [changed[seq] as never, changed[seq - 1] as never];
    return changed;
  }),
  {
    name: 'the end cut off, and nothing left of it',
    async apply(folder, pick) {
      const seq = pick(2, COVERED);
      await rewrite(folder, (events) => events.slice(0, seq - 1));
      return { seq, plain: true };
    },
  },
  {
    name: 'the whole chain rewritten',
    async apply(folder) {
      await rewrite(folder, (events) =>
        events.map((event) => ({ ...event, 'service.version': 'x' })),
      );
      return { seq: 1, plain: false };
    },
  },
  {
    name: 'the whole chain gone',
    async apply(folder) {
      await rewrite(folder, () => []);
      return { seq: 1, plain: true };
    },
  },
  {
    name: 'an event rewritten, and some after it',
    apply(folder, pick) {
      const seq = pick(1, COVERED - 10);
      const last = seq + pick(0, 9);
      raw(folder, (database) => {
        const rows = database
          .prepare(
            `SELECT seq, hash, body FROM audit_events WHERE chain = 'default' AND seq BETWEEN ? AND ? ORDER BY seq`,
          )
          .all(seq - 1, last);
        let head = seq === 1 ? '0'.repeat(64) : String(rows.shift()?.hash);
        for (const row of rows) {
          const event = JSON.parse(String(row.body)) as Record<string, unknown>;
          const body =
            row.seq === seq ? canonical({ ...event, 'service.version': 'y' }) : String(row.body);
          head = chainHash(head, body);
          database
            .prepare(
              `UPDATE audit_events SET hash = ?, body = ? WHERE chain = 'default' AND seq = ?`,
            )
            .run(head, body, Number(row.seq));
        }
      });
      return { seq, plain: false };
    },
  },
  {
    name: 'all rewritten and signed with another key, which takes the place of ours',
    async apply(folder) {
      await rewrite(folder, (events) =>
        events.map((event) => ({ ...event, 'service.version': 'forged' })),
      );
      const own = await loadSigningKeys(join(folder, 'stolen.keys'));
      for (const file of await checkpointFiles(folder)) {
        const { signature: _signature, ...checkpoint } = JSON.parse(
          await readFile(file, 'utf8'),
        ) as Record<string, unknown>;
        let hash = '';
        raw(folder, (database) => {
          const row = database
            .prepare(`SELECT hash FROM audit_events WHERE chain = 'default' AND seq = ?`)
            .get(sizeOf(file));
          hash = String(row?.hash);
        });
        const unsigned = { ...checkpoint, head: hash, key_id: own.keyId };
        const signature = own.sign(canonical(unsigned));
        await writeFile(file, `${canonical({ ...unsigned, signature })}\n`);
      }
      await rm(join(checkpointsIn(folder), 'keys'), { recursive: true });
      await writeFile(
        join(checkpointsIn(folder), `${own.keyId}.json`),
        `${canonical(own.statements[0])}\n`,
      );
      return { plain: false, checkpoint: 20 };
    },
  },
];

type Events = Record<string, unknown>[];

function rewriting(name: string, change: (events: Events, seq: number) => Events): Mutation {
  return {
    name,
    async apply(folder, pick) {
      const seq = pick(1, COVERED - 1);
      await rewrite(folder, (events) => change(events, seq));
      return { seq, plain: false };
    },
  };
}
