import type { ProvidedDatabase } from './provided.ts';

/** A database server with the demo's training_table, or the reason why there is none. */
export interface DatabaseServer<Connection = ProvidedDatabase> {
  readonly connection: Connection;
  readonly stop: () => Promise<void>;
}
