import { inTurn } from '../../platform/in-turn.ts';
import { Failure } from '../../schemas/failure.ts';
import type { CountsDatabase } from './counts-database.ts';
import type { StartedRuns, StartedRunsOf } from './started-runs.ts';

/** Known to all servers of a database, of which one at a time lets a run of a tenant in. */
export function createSharedStartedRuns(database: CountsDatabase): StartedRunsOf {
  return {
    // A process takes one connection a tenant: its calls wait here, not in the database.
    inTurn: (tenant, work) =>
      inTurn(`quota of ${tenant}`, async () => {
        const client = await orAway(database.ready().then((pool) => pool.connect()));
        const query: Query = async (text, values) =>
          (await orAway(client.query<object>(text, values))).rows;
        try {
          await query('begin');
          await query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [tenant]);
          const result = await work(startedIn(query, tenant));
          await query('commit');
          client.release();
          return result;
        } catch (error) {
          // Closed: that ends the transaction, whatever state it is in.
          client.release(true);
          throw error;
        }
      }),
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

type Query = (text: string, values?: unknown[]) => Promise<object[]>;

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

async function orAway<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new Failure(
      'AUDIT_UNAVAILABLE',
      'The database in which the servers count their runs does not answer, so no quota can be kept.',
      'Call again when AUDIT_DATABASE_URL is reachable; no run was started.',
      { cause },
    );
  }
}
