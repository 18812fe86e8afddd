import type { Client, Connection, Submittable } from 'pg';
import type { Readable } from 'node:stream';

/** A column as PostgreSQL describes it. */
export interface PostgresField {
  readonly name: string;
  /** Object id of its type. */
  readonly dataTypeID: number;
}

/** What pg calls on a query that it has submitted, one by one as the server's messages come. */
interface ProtocolQuery extends Submittable {
  handleRowDescription(message: { readonly fields: readonly PostgresField[] }): void;
  handleCopyData(message: { readonly chunk: Buffer }): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
  handleDataRow(): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handlePortalSuspended(): void;
}

/** The parts of pg's connection that its types leave out. */
type Wire = Connection & {
  readonly stream: Readable;
  parse(statement: { text: string; name: string; types: readonly number[] }): void;
  describe(what: { type: 'S'; name: string }): void;
  bind(portal: { portal: string; statement: string; values: readonly string[] }): void;
  execute(portal: { portal: string; rows: number }): void;
  sync(): void;
};

const nothing = (): void => undefined;
const SILENT = {
  handleRowDescription: nothing,
  handleCopyData: nothing,
  handleDataRow: nothing,
  handleCommandComplete: nothing,
  handleEmptyQuery: nothing,
  handlePortalSuspended: nothing,
};

/**
 * The columns that a statement would return. The server only parses it (extended protocol: one
 * statement at most); nothing runs.
 */
export function describeStatement(client: Client, sql: string): Promise<PostgresField[]> {
  return new Promise((resolve, reject) => {
    let fields: readonly PostgresField[] = [];
    const query: ProtocolQuery = {
      ...SILENT,
      submit(connection) {
        const wire = connection as Wire;
        wire.parse({ text: sql, name: '', types: [] });
        wire.describe({ type: 'S', name: '' });
        wire.sync();
      },
      handleRowDescription: (message) => (fields = message.fields),
      handleError: reject,
      handleReadyForQuery: () => resolve([...fields]),
    };
    client.query(query);
  });
}

/** How the receiver of a stream holds it back while it writes. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Runs a COPY … TO STDOUT through the extended protocol and hands its data over as it comes.
 * Resolves when the server has sent everything.
 */
export function copyOut(
  client: Client,
  sql: string,
  onData: (chunk: Buffer, flow: Flow) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stream: Readable | undefined;
    const flow = { pause: () => void stream?.pause(), resume: () => void stream?.resume() };
    const query: ProtocolQuery = {
      ...SILENT,
      submit(connection) {
        const wire = connection as Wire;
        stream = wire.stream;
        wire.parse({ text: sql, name: '', types: [] });
        wire.bind({ portal: '', statement: '', values: [] });
        wire.execute({ portal: '', rows: 0 });
        wire.sync();
      },
      handleCopyData: ({ chunk }) => onData(chunk, flow),
      handleError: reject,
      handleReadyForQuery: resolve,
    };
    client.query(query);
  });
}
