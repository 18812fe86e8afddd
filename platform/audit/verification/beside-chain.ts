import { isCommittedBy } from '../commitment.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import { NODE_LEAVES } from '../database/tables.ts';
import { chainedEvents } from '../read-events.ts';
import { subjectsOf } from '../event-subjects.ts';
import type { Finding } from './finding.ts';

type Database = Pick<AuditDatabase, 'tables'>;
type Part = { readonly chain: string; readonly after: number; readonly to: number };

const PAGE = 1000;

/** Looks for a subject that leads to an event which is not about it; only where there are more than the events have. */
export async function subjectProblems(
  database: Database,
  { chain, after, to }: Part,
  expected: number,
): Promise<Finding[]> {
  const own = database.tables
    .selectFrom('audit_subjects')
    .where('chain', '=', chain)
    .where('seq', '>', after)
    .where('seq', '<=', to);
  const counted = await own.select((on) => on.fn.countAll<number>().as('count')).executeTakeFirst();
  if (Number(counted?.count) === expected) return [];
  let last = { subject: '', seq: 0 };
  for (;;) {
    const rows = await own
      .select(['subject', 'seq'])
      .where((on) =>
        on.or([
          on('subject', '>', last.subject),
          on.and([on('subject', '=', last.subject), on('seq', '>', last.seq)]),
        ]),
      )
      .orderBy('subject')
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const { subject, seq } of rows) {
      const [found] = await chainedEvents(database, { chain, seqs: [seq] });
      if (found && subjectsOf(found.event).includes(subject)) continue;
      return [
        {
          chain,
          seq,
          name: found?.event['event.name'],
          problem: `it is not about ${subject}, under which it is to be found.`,
        },
      ];
    }
    const end = rows.at(-1);
    if (!end) return [];
    last = end;
  }
}

/** Each private text that is still there must be the one that its event commits to. */
export async function privateProblems(
  { tables }: Database,
  { chain, to }: Part,
): Promise<Finding[]> {
  for (let last = ''; ;) {
    const rows = await tables
      .selectFrom('audit_private')
      .select(['commitment', 'salt', 'body'])
      .where('chain', '=', chain)
      .where('commitment', '>', last)
      .orderBy('commitment')
      .limit(PAGE)
      .execute();
    const wrong = rows.find(({ commitment, salt, body }) => !isCommittedBy(commitment, salt, body));
    if (wrong) return [await privateFinding(tables, { chain, to }, wrong.commitment)];
    const end = rows.at(-1);
    if (!end) return [];
    last = end.commitment;
  }
}

async function privateFinding(
  tables: AuditDatabase['tables'],
  { chain, to }: Pick<Part, 'chain' | 'to'>,
  commitment: string,
): Promise<Finding> {
  const event = await tables
    .selectFrom('audit_events')
    .select(['seq', 'name'])
    .where('chain', '=', chain)
    .where('seq', '<=', to)
    .where('body', 'like', `%"${commitment}"%`)
    .orderBy('seq')
    .executeTakeFirst();
  const problem = event
    ? 'the private text beside it is not the one that it commits to.'
    : `A private text is not the one of its commitment ${commitment}.`;
  return { chain, seq: event?.seq, name: event?.name, problem };
}

/** The remembered subtree roots, against those that the events make. */
export function createNodeCheck(
  { tables }: Database,
  { chain, after }: Pick<Part, 'chain' | 'after'>,
) {
  let position = Math.floor(after / NODE_LEAVES);
  let made: string[] = [];
  const findings: Finding[] = [];
  return {
    onSubtree: (leaves: number, root: string): void => {
      if (leaves === NODE_LEAVES) made.push(root);
    },
    /** Compares what has come together; to be called now and then. */
    compare: async (): Promise<void> => {
      if (made.length === 0) return;
      const roots = made;
      made = [];
      const first = position;
      position += roots.length;
      const rows = await tables
        .selectFrom('audit_nodes')
        .select(['position', 'root'])
        .where('chain', '=', chain)
        .where('position', '>=', first)
        .where('position', '<', position)
        .execute();
      const stored = new Map(rows.map((row) => [row.position, row.root]));
      const wrong = roots.findIndex((root, at) => stored.get(first + at) !== root);
      if (wrong === -1 || findings.length > 0) return;
      const seq = (first + wrong) * NODE_LEAVES + 1;
      const problem = `the remembered root over it and the ${NODE_LEAVES - 1} events after it is wrong, or not there.`;
      findings.push({ chain, seq, problem });
    },
    findings,
  };
}
