import { stringify } from 'csv-stringify';
import { Readable } from 'node:stream';

import { auditEventSchemas, type AuditEvent } from '../../../schemas/audit-event.ts';

/** Commitments asked for at once. */
const AT_ONCE = 400;

/** Every field that an event can have, those of all events first. */
const COLUMNS = [
  ...new Set(Object.values(auditEventSchemas).flatMap(({ shape }) => Object.keys(shape))),
];

/** Events as CSV, one column a field. What a spreadsheet would take for a formula is written as a text. */
export async function* eventsCsv(events: AsyncIterable<AuditEvent>): AsyncGenerator<string> {
  const rows = Readable.from(events).map((event: Readonly<Record<string, unknown>>) =>
    COLUMNS.map((column) => event[column]),
  );
  const csv = rows.pipe(
    stringify({
      header: true,
      columns: COLUMNS,
      escape_formulas: true,
      cast: { boolean: String, object: (value: unknown) => (value as string[]).join(' ') },
    }),
  );
  for await (const part of csv) yield String(part);
}

/** The commitments that stand in events, some hundred at once. */
export async function* commitmentsOf(
  events: AsyncIterable<AuditEvent>,
): AsyncGenerator<readonly string[]> {
  let found = new Set<string>();
  for await (const event of events) {
    for (const [field, value] of Object.entries(event)) {
      if (field.endsWith('.commitment') && typeof value === 'string') found.add(value);
    }
    if (found.size < AT_ONCE) continue;
    yield [...found];
    found = new Set();
  }
  if (found.size > 0) yield [...found];
}
