import { raw, shift, type Mutation } from './mutation.ts';
import { sampleEvent } from './sample-log.ts';

const own = `WHERE chain = 'default'`;
/** Events that a checkpoint covers. */
const COVERED = 335;

/** One statement or two, by somebody who has the database and does not know what stands in it. */
export const plainMutations: readonly Mutation[] = [
  byStatement('an edited text', (seq) => [
    `UPDATE audit_events SET body = replace(body, '"service.role":"worker"', '"service.role":"server"') ${own} AND seq = ${seq}`,
  ]),
  byStatement('an edited hash', (seq) => [
    `UPDATE audit_events SET hash = '${'0'.repeat(63)}1' ${own} AND seq = ${seq}`,
  ]),
  byStatement('a text that is no JSON', (seq) => [
    `UPDATE audit_events SET body = substr(body, 2) ${own} AND seq = ${seq}`,
  ]),
  byStatement('a text with a space', (seq) => [
    `UPDATE audit_events SET body = replace(body, ',"audit.seq"', ', "audit.seq"') ${own} AND seq = ${seq}`,
  ]),
  byStatement('a deleted event', (seq) => [`DELETE FROM audit_events ${own} AND seq = ${seq}`]),
  byStatement('deleted events', (seq) => [
    `DELETE FROM audit_events ${own} AND seq BETWEEN ${seq} AND ${seq + 4}`,
  ]),
  byStatement('a chain cut off', (seq) => [`DELETE FROM audit_events ${own} AND seq >= ${seq}`]),
  byStatement('another id', (seq) => [
    `UPDATE audit_events SET id = 'another' ${own} AND seq = ${seq}`,
  ]),
  byStatement('another name', (seq) => [
    `UPDATE audit_events SET name = 'another' ${own} AND seq = ${seq}`,
  ]),
  byStatement('another time', (seq) => [
    `UPDATE audit_events SET time = time + 1 ${own} AND seq = ${seq}`,
  ]),
  byStatement('another chain', (seq) => [
    `UPDATE audit_events SET chain = 'elsewhere' ${own} AND seq = ${seq}`,
  ]),
  byStatement('a subject too many', (seq) => [
    `INSERT INTO audit_subjects VALUES ('default', 'user:innocent', ${seq})`,
  ]),
  {
    name: 'a hidden event',
    apply(folder, pick) {
      const n = pick(1, 14);
      let seq = 0;
      raw(folder, (database) => {
        const row = database
          .prepare(
            `SELECT seq FROM audit_subjects ${own} GROUP BY seq ORDER BY seq LIMIT 1 OFFSET ${n}`,
          )
          .get();
        seq = Number(row?.seq);
        database.exec(`DELETE FROM audit_subjects ${own} AND seq = ${seq}`);
      });
      return { seq, plain: true };
    },
  },
  {
    name: 'an edited private text',
    apply(folder, pick) {
      const n = pick(1, 100);
      let seq = 0;
      raw(folder, (database) => {
        const row = database
          .prepare(`SELECT commitment FROM audit_private ${own} LIMIT 1 OFFSET ${n}`)
          .get();
        const commitment = String(row?.commitment);
        database.exec(
          `UPDATE audit_private SET body = '"other"' ${own} AND commitment = '${commitment}'`,
        );
        const event = database
          .prepare(`SELECT seq FROM audit_events ${own} AND body LIKE '%${commitment}%'`)
          .get();
        seq = Number(event?.seq);
      });
      return { seq, plain: true };
    },
  },
  {
    name: 'a beginning hidden as if it was pruned',
    apply(folder) {
      raw(folder, (database) => {
        const row = database.prepare(`SELECT hash FROM audit_events ${own} AND seq = 256`).get();
        const node = database.prepare(`SELECT root FROM audit_nodes ${own} AND position = 0`).get();
        database
          .prepare(
            `UPDATE audit_chains SET pruned_size = 256, pruned_head = ?, pruned_frontier = ? ${own}`,
          )
          .run(String(row?.hash), JSON.stringify([node?.root]));
        database.exec(`DELETE FROM audit_events ${own} AND seq <= 256;
          DELETE FROM audit_subjects ${own} AND seq <= 256`);
      });
      return { seq: 1, plain: true };
    },
  },
  {
    name: 'a private text whose beginning was moved into its salt',
    apply(folder) {
      let seq = 0;
      raw(folder, (database) => {
        const row = database.prepare(`SELECT commitment FROM audit_private ${own} LIMIT 1`).get();
        const commitment = String(row?.commitment);
        database.exec(`UPDATE audit_private SET salt = salt || hex(substr(body, 1, 2)),
          body = substr(body, 3) ${own} AND commitment = '${commitment}'`);
        const event = database
          .prepare(`SELECT seq FROM audit_events ${own} AND body LIKE '%${commitment}%'`)
          .get();
        seq = Number(event?.seq);
      });
      return { seq, plain: true };
    },
  },
  {
    name: 'swapped events',
    apply(folder, pick) {
      const [one, other] = two(pick);
      raw(folder, (database) => {
        const move = (from: number, to: number): void =>
          database.exec(`UPDATE audit_events SET seq = ${to} ${own} AND seq = ${from}`);
        move(one, -1);
        move(other, one);
        move(-1, other);
      });
      return { seq: one, plain: true };
    },
  },
  {
    name: 'swapped texts',
    apply(folder, pick) {
      const [one, other] = two(pick);
      raw(folder, (database) => {
        const body = (seq: number) =>
          String(
            database.prepare(`SELECT body FROM audit_events ${own} AND seq = ${seq}`).get()?.body,
          );
        const set = database.prepare(`UPDATE audit_events SET body = ? ${own} AND seq = ?`);
        const [first, second] = [body(one), body(other)];
        set.run(second, one);
        set.run(first, other);
      });
      return { seq: one, plain: true };
    },
  },
  {
    name: 'a doubled event',
    apply(folder, pick) {
      const seq = pick(1, COVERED);
      raw(folder, (database) => {
        shift(database, seq + 1, 1);
        database.exec(`INSERT INTO audit_events SELECT chain, seq + 1, id || '/2', name, time, hash, body
          FROM audit_events ${own} AND seq = ${seq}`);
      });
      return { seq: seq + 1, plain: true };
    },
  },
  {
    name: 'an event pushed in',
    apply(folder, pick) {
      const seq = pick(2, COVERED);
      raw(folder, (database) => {
        shift(database, seq, 1);
        const { name, fields } = sampleEvent('default', pick(0, 99));
        const body = JSON.stringify({
          'event.name': name,
          'audit.chain': 'default',
          'audit.seq': seq,
          ...fields,
        });
        database
          .prepare(`INSERT INTO audit_events VALUES ('default', ?, 'new', ?, 1, ?, ?)`)
          .run(seq, name, '0'.repeat(64), body);
      });
      return { seq, plain: true };
    },
  },
  {
    name: 'a deleted event, the others moved up',
    apply(folder, pick) {
      const seq = pick(1, COVERED - 1);
      raw(folder, (database) => {
        database.exec(`DELETE FROM audit_events ${own} AND seq = ${seq}`);
        shift(database, seq + 1, -1);
      });
      return { seq, plain: true };
    },
  },
  {
    name: 'another root of a subtree',
    apply(folder) {
      raw(folder, (database) =>
        database.exec(`UPDATE audit_nodes SET root = '${'0'.repeat(64)}' ${own} AND position = 0`),
      );
      return { seq: 1, plain: true };
    },
  },
  atTheEnd('another end of the chain', `head = '${'0'.repeat(64)}'`, 336),
  atTheEnd('another frontier', `frontier = '[]'`, 336),
  atTheEnd('a chain said to be shorter', 'size = 335', 336),
  atTheEnd('a chain said to be longer', 'size = 337', 337),
];

function byStatement(name: string, statements: (seq: number) => string[]): Mutation {
  return {
    name,
    apply(folder, pick) {
      const seq = pick(1, COVERED);
      raw(folder, (database) => statements(seq).forEach((statement) => database.exec(statement)));
      return { seq, plain: true };
    },
  };
}

function atTheEnd(name: string, assignment: string, seq: number): Mutation {
  return {
    name,
    apply(folder) {
      raw(folder, (database) => database.exec(`UPDATE audit_chains SET ${assignment} ${own}`));
      return { seq, plain: true };
    },
  };
}

function two(pick: (from: number, to: number) => number): [number, number] {
  const one = pick(1, COVERED - 1);
  return [one, pick(one + 1, COVERED)];
}
