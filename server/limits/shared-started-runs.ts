import type { CountsDatabase } from './counts-database.ts';
import { createSharedTurns, type Query } from './shared-turns.ts';
import type { StartedRuns, StartedRunsOf } from './started-runs.ts';

/** Known to all servers of a database, of which one at a time lets a run of a tenant in. */
export function createSharedStartedRuns(database: CountsDatabase): StartedRunsOf {
  const turns = createSharedTurns(database);
  return {
    inTurn: (tenant, work) =>
      turns(`quota of ${tenant}`, (query) => work(startedIn(query, tenant))),
    async replace(tenant, id, own) {
      const query: Query = async (text, values) =>
        (await (await database.ready()).query<object>(text, values)).rows;
      const started = startedIn(query, tenant);
      try {
        await started.remove([id]);
        if (own !== undefined) await started.add(own);
      } catch {
        // Forgotten after a minute.
      }
    },
  };
}

function startedIn(query: Query, tenant: string): StartedRuns {
  return {
    async all() {
      const rows = await query('select id, since from started_runs where tenant = $1', [tenant]);
      return new Map(
        (rows as { id: string; since: Date }[]).map((row) => [row.id, row.since.getTime()]),
      );
    },
    async add(id) {
      const row = 'insert into started_runs (tenant, id) values ($1, $2) on conflict do nothing';
      await query(row, [tenant, id]);
    },
    async remove(ids) {
      await query('delete from started_runs where tenant = $1 and id = any($2)', [tenant, ids]);
    },
  };
}
