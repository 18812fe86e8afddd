import type { Selection } from '../../../schemas/dataset.ts';
import type { ResolvedConnection } from '../connections.ts';
import type { ReadContext } from '../source-types.ts';

/** One query on one connection, and what is wanted of its result. */
export interface SqlRequest<Connection extends ResolvedConnection = ResolvedConnection> {
  readonly connection: Connection;
  /** Where to connect to: the connection's host, or the address that was checked for it. */
  readonly address: string;
  readonly query: string;
  readonly selection: Selection;
  readonly context: ReadContext;
}

export type ServerRequest = SqlRequest<Exclude<ResolvedConnection, { kind: 'sqlite' }>>;
export type SqliteRequest = Omit<
  SqlRequest<Extract<ResolvedConnection, { kind: 'sqlite' }>>,
  'address'
>;
