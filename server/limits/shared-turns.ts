import { inTurn, type InTurn } from '../../platform/in-turn.ts';
import { Failure } from '../../schemas/failure.ts';
import type { CountsDatabase } from './counts-database.ts';

export type Query = (text: string, values?: unknown[]) => Promise<object[]>;

/** Runs the works of one key one after the other, whichever server of the database they are on. */
export function createSharedTurns(
  database: CountsDatabase,
): <T>(key: string, work: (query: Query) => Promise<T>) => Promise<T> {
  // A process takes one connection a key: its calls wait here, not in the database.
  return (key, work) =>
    inTurn(key, async () => {
      const client = await orAway(database.ready().then((pool) => pool.connect()));
      const query: Query = async (text, values) =>
        (await orAway(client.query<object>(text, values))).rows;
      try {
        await query('begin');
        await query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key]);
        const result = await work(query);
        await query('commit');
        client.release();
        return result;
      } catch (error) {
        // Closed: that ends the transaction, whatever state it is in.
        client.release(true);
        throw error;
      }
    });
}

/** Turns of all servers of a database, or of this process where there is none. */
export function turnsOf(database: CountsDatabase | undefined): InTurn {
  if (!database) return inTurn;
  const turns = createSharedTurns(database);
  return (key, work) => turns(key, () => work());
}

async function orAway<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new Failure(
      'AUDIT_UNAVAILABLE',
      'The database in which the servers keep count of runs together does not answer.',
      'Call again when AUDIT_DATABASE_URL is reachable; nothing was started.',
      { cause },
    );
  }
}
