import type { Sealer } from '../../platform/codec/sealing.ts';
import {
  displayOf,
  isConnectionString,
  parseConnectionString,
} from '../../platform/connections/connection-string.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Source, StoredSource } from '../../schemas/source.ts';
import { forgetInlineBytes, inlineBytes } from './inline-bytes.ts';

export interface StoreSourceDependencies {
  readonly blobs: BlobStore;
  readonly sealer: Sealer;
  readonly rawConnectionsAllowed: boolean;
  /** False where callers may be on other machines: theirs are not the workers' neighbours. */
  readonly loopbackAllowed: boolean;
}

/**
 * Takes rows and secrets out of a source before it goes into Temporal's history.
 * @param name of the blob that inline records go to
 * @throws Failure INVALID_REQUEST, CONNECTION_NOT_ALLOWED
 */
export async function storeSource(
  deps: StoreSourceDependencies,
  source: Source,
  name: string,
): Promise<StoredSource> {
  switch (source.kind) {
    case 'file':
      return source;
    case 'inline': {
      const { kind, task, records } = source;
      const blob = await deps.blobs.putBytes(name, inlineBytes(records));
      forgetInlineBytes(records);
      return { kind, task, records: blob, count: records.length };
    }
    case 'sql':
      return { ...source, conn: storeConnection(deps, source.conn) };
  }
}

function storeConnection(deps: StoreSourceDependencies, conn: string) {
  if (!isConnectionString(conn)) return { name: conn };
  if (!deps.rawConnectionsAllowed) {
    throw new Failure(
      'CONNECTION_NOT_ALLOWED',
      'This server takes no connection strings in requests.',
      'Use the name of a connection that the operator has configured in CONNECTIONS_FILE.',
    );
  }
  parseConnectionString(conn);
  const { sealer, loopbackAllowed: loopback } = deps;
  return { sealed: sealer.seal(conn), display: displayOf(conn), loopback };
}
