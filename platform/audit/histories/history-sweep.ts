import { tenantOfWorkflow } from '../../../schemas/caller.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import { exportEventId, exportHistory, type ExportDependencies } from './export-history.ts';
import { listEnded } from './list-executions.ts';
import { isNotFound, type Execution } from './temporal-access.ts';

/** Histories that are exported in one step. */
const MOST_AT_ONCE = 20;
/** What Temporal shows may be late by so much; by how much more, the daily look at everything makes good. */
const LATE_MS = 600_000;
const DAY_MS = 86_400_000;

export interface SweepDependencies extends ExportDependencies {
  /** Older ends are not looked for: their events may have been pruned. */
  readonly retentionDays: number;
  readonly now?: () => number;
  readonly mostAtOnce?: number;
}

export interface SweepStep {
  readonly exported: number;
  /** Whether there is more to do at once. */
  readonly more: boolean;
  /** What stood in the way of one history, which is tried again in the next sweep. */
  readonly trouble?: unknown;
}

/**
 * Looks through what has ended, page by page, and exports what no event speaks of. A step makes one listing and
 * exports a few at most. Once a day everything is looked through, else what came since the last look.
 */
export function createHistorySweep(deps: SweepDependencies): () => Promise<SweepStep> {
  const { access, log, now = Date.now, mostAtOnce = MOST_AT_ONCE } = deps;
  /** When the last look began that left nothing out, and the last one of these at everything. */
  let last = -Infinity;
  let lastAtAll = -Infinity;
  let sweep = { begun: 0, since: 0, all: true };
  let page: Uint8Array | undefined;
  const passed = new Set<string>();

  function begin(begun: number): void {
    const oldest = begun - deps.retentionDays * DAY_MS;
    const all = begun - lastAtAll > DAY_MS;
    sweep = { begun, all, since: all ? oldest : Math.max(oldest, last - LATE_MS) };
  }

  function end({ begun, all }: typeof sweep): void {
    if (passed.size === 0) {
      last = begun;
      if (all) lastAtAll = begun;
    }
    passed.clear();
  }

  return async () => {
    if (page === undefined) begin(now());
    const { executions, next } = await listEnded(access, { since: sweep.since, page });
    const missing = (await notExported(log.database, executions)).filter(
      ({ runId }) => !passed.has(runId),
    );
    let exported = 0;
    for (const execution of missing.slice(0, mostAtOnce)) {
      try {
        await exportHistory(deps, execution);
        exported += 1;
      } catch (error) {
        // Temporal shows for a moment what it has forgotten already.
        if (isNotFound(error)) continue;
        passed.add(execution.runId);
        return { exported, more: false, trouble: error };
      }
    }
    if (missing.length > mostAtOnce) return { exported, more: true };
    page = next;
    if (next === undefined) end(sweep);
    return { exported, more: next !== undefined };
  };
}

/** Those of the executions that no event says the export of. */
export async function notExported(
  { tables }: AuditDatabase,
  executions: readonly Execution[],
): Promise<Execution[]> {
  const missing: Execution[] = [];
  const chains = Map.groupBy(executions, ({ workflowId }) => tenantOfWorkflow(workflowId));
  for (const [chain, own] of chains) {
    const rows = await tables
      .selectFrom('audit_events')
      .select('id')
      .where('chain', '=', chain)
      .where('id', 'in', own.map(exportEventId))
      .execute();
    const known = new Set(rows.map(({ id }) => id));
    missing.push(...own.filter((execution) => !known.has(exportEventId(execution))));
  }
  return missing;
}
