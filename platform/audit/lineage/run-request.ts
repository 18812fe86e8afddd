import type { AuditEvent } from '../../../schemas/audit-event.ts';
import type { AuditDatabase } from '../database/open-database.ts';

/** What asked for a run. */
export interface RunRequest {
  /** Tool that was called; null when only the worker has told of the run. */
  readonly tool: string | null;
  readonly caller: string;
  readonly at: string;
  /** The redacted arguments; null when they were erased. */
  readonly arguments: unknown;
}

/** The request that made a run, out of the run's own events; null where none tells of it. */
export async function runRequest(
  { tables }: Pick<AuditDatabase, 'tables'>,
  chain: string,
  events: readonly AuditEvent[],
): Promise<RunRequest | null> {
  const asked = askedIn(events);
  if (!asked) return null;
  const { commitment = '', ...about } = asked;
  const row = await tables
    .selectFrom('audit_private')
    .select('body')
    .where('chain', '=', chain)
    .where('commitment', '=', commitment)
    .executeTakeFirst();
  return { ...about, arguments: row ? (JSON.parse(row.body) as unknown) : null };
}

/** Other tools ask for what happens to a run later. */
const STARTS_RUNS = /run_experiment$/;

function askedIn(events: readonly AuditEvent[]) {
  for (const event of events) {
    if (event['event.name'] !== 'tool.requested' || event.decision !== 'allowed') continue;
    const { 'gen_ai.tool.name': tool, 'user.id': caller, timestamp: at } = event;
    const commitment = event['arguments.commitment'];
    if (STARTS_RUNS.test(tool)) return { tool, caller, at, commitment };
  }
  // A rerun, or a run of a server that kept no log.
  for (const event of events) {
    if (event['event.name'] !== 'run.started') continue;
    const { 'user.id': caller, timestamp: at, 'request.commitment': commitment } = event;
    return { tool: null, caller, at, commitment };
  }
  return undefined;
}
