import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import type { EventRow } from '../database/tables.ts';
import { subjectsOf } from '../event-subjects.ts';
import type { Link } from './walk-chain.ts';

const PAGE = 1000;
/** Values in one statement. */
const VALUES = 400;

/** Told how many subjects the events have, so that one too many is noticed. */
export interface SubjectCount {
  expected: number;
}

/** The events of a chain up to `to`, page by page, each with what does not fit in its columns and its subjects. */
export async function* databaseLinks(
  database: Pick<AuditDatabase, 'tables'>,
  place: { readonly chain: string; readonly after: number; readonly to: number },
  count: SubjectCount,
): AsyncGenerator<readonly Link[]> {
  for await (const page of pagesOf(database, place)) {
    const links = page.map(linkOf);
    const found = await subjectsFound(database, place.chain, links);
    yield links.map(({ link, columns, subjects }) => {
      count.expected += subjects.length;
      const hidden = subjects.find((subject) => !found.has(`${link.seq} ${subject}`));
      const beside =
        columns ??
        (hidden === undefined ? undefined : `it is hidden from those who look for ${hidden}.`);
      return beside === undefined ? link : { ...link, beside };
    });
  }
}

interface Read {
  readonly link: Link;
  readonly columns: string | undefined;
  readonly subjects: readonly string[];
}

function linkOf(row: EventRow): Read {
  const { seq, hash, body } = row;
  const event = eventOf(body);
  const subjects = event ? subjectsOf(event) : [];
  return {
    link: { seq, hash, body, event },
    columns: event && columnProblem(row, event),
    subjects,
  };
}

/** What a text that may have been tampered with says. */
export function eventOf(body: string): AuditEvent | undefined {
  try {
    const event = JSON.parse(body) as unknown;
    return typeof event === 'object' && event !== null && !Array.isArray(event)
      ? (event as AuditEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

function columnProblem(row: EventRow, event: AuditEvent): string | undefined {
  const wrong = [
    ['id', row.id === event['event.id']],
    ['name', row.name === event['event.name']],
    ['time', row.time === Date.parse(event.timestamp)],
  ].find(([, right]) => !right);
  return wrong && `its column ${String(wrong[0])} is not what the event says.`;
}

async function subjectsFound(
  { tables }: Pick<AuditDatabase, 'tables'>,
  chain: string,
  links: readonly Read[],
): Promise<ReadonlySet<string>> {
  const [first, last] = [links[0], links.at(-1)];
  const found = new Set<string>();
  if (!first || !last) return found;
  const wanted = [...new Set(links.flatMap(({ subjects }) => subjects))];
  for (let from = 0; from < wanted.length; from += VALUES) {
    const rows = await tables
      .selectFrom('audit_subjects')
      .select(['subject', 'seq'])
      .where('chain', '=', chain)
      .where('subject', 'in', wanted.slice(from, from + VALUES))
      .where('seq', '>=', first.link.seq)
      .where('seq', '<=', last.link.seq)
      .execute();
    for (const { subject, seq } of rows) found.add(`${seq} ${subject}`);
  }
  return found;
}

async function* pagesOf(
  { tables }: Pick<AuditDatabase, 'tables'>,
  { chain, after, to }: { readonly chain: string; readonly after: number; readonly to: number },
): AsyncGenerator<readonly EventRow[]> {
  for (let last = after; ;) {
    const rows = await tables
      .selectFrom('audit_events')
      .selectAll()
      .where('chain', '=', chain)
      .where('seq', '>', last)
      .where('seq', '<=', to)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    const end = rows.at(-1);
    if (!end) return;
    yield rows;
    last = end.seq;
  }
}
