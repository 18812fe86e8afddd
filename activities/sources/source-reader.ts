import { rm } from 'node:fs/promises';

import type { Sealer } from '../../platform/codec/sealing.ts';
import { parseConnectionString } from '../../platform/connections/connection-string.ts';
import type { BlobStore } from '../../platform/storage/blob-store.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import type { StoredSource } from '../../schemas/source.ts';
import { createReaderPool, type ReaderPool } from './child/reader-pool.ts';
import { selectColumns } from './columns.ts';
import type { NamedConnections, ResolvedConnection } from './connections.ts';
import { parseDataRoots } from './files/data-roots.ts';
import { describeFile, hashSource, loadFile } from './files/file-source.ts';
import { loadInline } from './inline/inline-source.ts';
import { sourceDisplay } from './source-display.ts';
import type { DescribedSource, LoadedDataset, ReadContext, SourceReader } from './source-types.ts';
import { allowedAddress } from './sql/host-policy.ts';
import { describeMysql, loadMysql } from './sql/mysql/mysql-source.ts';
import { describePostgres, loadPostgres } from './sql/postgres/postgres-source.ts';
import type { ServerRequest, SqliteRequest } from './sql/sql-request.ts';
import { describeSqlite, loadSqliteSource } from './sqlite/sqlite-source.ts';

export type { LoadedDataset, ReadContext, SourceLimits, SourceReader } from './source-types.ts';

export interface SourceReaderDependencies {
  /** The entries of DATA_ROOTS. */
  readonly dataRoots: readonly string[];
  readonly connections: NamedConnections;
  readonly sealer: Sealer;
  readonly blobs: BlobStore;
  readonly rawConnectionsAllowed: boolean;
  /** Whether a connection string may name this machine or its link. */
  readonly loopbackAllowed: boolean;
  /** Hosts that it may name all the same. */
  readonly allowedDatabaseHosts?: readonly string[];
  /** Reader processes; a pool of its own when not given. */
  readonly pool?: ReaderPool;
}

type SqlSource = Extract<StoredSource, { kind: 'sql' }>;

/** Reads files, SQL databases and inline records into datasets. @throws Failure SETUP_FAILED */
export function createSourceReader(deps: SourceReaderDependencies): SourceReader {
  const roots = parseDataRoots(deps.dataRoots);
  const { pool = createReaderPool() } = deps;

  /** A file as its tenant sees it: the path without the name of a root, and where to look for it. */
  function placed<File extends { readonly path: string }>(file: File, { tenant }: ReadContext) {
    const { path, folders } = roots.place(file.path, tenant ?? DEFAULT_TENANT);
    return { file: { ...file, path }, files: { dataRoots: folders, pool } };
  }

  async function describe(
    source: StoredSource,
    selection: Selection,
    context: ReadContext,
  ): Promise<DescribedSource> {
    const found = await columns(source, selection, context);
    const { features } = selectColumns(found, selection, context.limits.maxColumns);
    const names = features.map((position) => (found[position] as Column).name);
    return { columns: found, features: names, display: sourceDisplay(source) };
  }

  async function columns(
    source: StoredSource,
    selection: Selection,
    context: ReadContext,
  ): Promise<Column[]> {
    context.signal.throwIfAborted();
    switch (source.kind) {
      case 'file': {
        const { file, files } = placed(source, context);
        return describeFile(file, context, files);
      }
      case 'inline':
        return [
          { name: 'text', type: 'text' },
          { name: selection.target, type: 'label' },
        ];
      case 'sql':
        return describeSql(await resolve(source.conn, context), source, { selection, context });
    }
  }

  async function load(
    source: StoredSource,
    selection: Selection,
    context: ReadContext,
    path: string,
  ): Promise<LoadedDataset> {
    context.signal.throwIfAborted();
    try {
      switch (source.kind) {
        case 'file': {
          const { file, files } = placed(source, context);
          return await loadFile(file, { selection, path, context }, files);
        }
        case 'inline':
          return await loadInline(
            source,
            { selection, path, context },
            { blobs: deps.blobs, pool },
          );
        case 'sql':
          return { ...(await loadSql(source, { selection, context }, path)), sourceSha256: null };
      }
    } catch (error) {
      // A reader process that was killed leaves what it had written.
      await rm(path, { force: true });
      throw error;
    }
  }

  async function digest(source: StoredSource, context: ReadContext): Promise<string | null> {
    if (source.kind === 'file') {
      const { file, files } = placed(source, context);
      return hashSource(file, context, files.dataRoots);
    }
    return source.kind === 'inline' ? source.records.sha256 : null;
  }

  interface Wanted {
    readonly selection: Selection;
    readonly context: ReadContext;
  }

  async function describeSql(connection: ResolvedConnection, source: SqlSource, wanted: Wanted) {
    if (connection.kind === 'sqlite') {
      const { file, files } = placed(connection, wanted.context);
      return describeSqlite({ connection: file, query: source.query, ...wanted }, files);
    }
    const request = await serverRequest(connection, source, wanted);
    return connection.kind === 'mysql' ? describeMysql(request) : describePostgres(request);
  }

  async function loadSql(source: SqlSource, wanted: Wanted, path: string) {
    const connection = await resolve(source.conn, wanted.context);
    if (connection.kind === 'sqlite') {
      const { file, files } = placed(connection, wanted.context);
      const request: SqliteRequest = { connection: file, query: source.query, ...wanted };
      return loadSqliteSource(request, path, files);
    }
    const request = await serverRequest(connection, source, wanted);
    return connection.kind === 'mysql' ? loadMysql(request, path) : loadPostgres(request, path);
  }

  async function serverRequest(
    connection: ServerRequest['connection'],
    { conn, query }: SqlSource,
    wanted: Wanted,
  ): Promise<ServerRequest> {
    // What an operator has configured may be anywhere.
    const address = await allowedAddress(connection.host, {
      loopbackAllowed: 'name' in conn || (deps.loopbackAllowed && conn.loopback !== false),
      allowedHosts: deps.allowedDatabaseHosts ?? [],
    });
    return { connection, address, query, ...wanted };
  }

  async function resolve(
    conn: SqlSource['conn'],
    { tenant }: ReadContext,
  ): Promise<ResolvedConnection> {
    if ('name' in conn) return deps.connections.open(conn.name, tenant);
    if (!deps.rawConnectionsAllowed) {
      throw new Failure(
        'CONNECTION_NOT_ALLOWED',
        'This server takes no connection strings in requests.',
        'Use the name of a connection that the operator has configured in CONNECTIONS_FILE.',
      );
    }
    return parseConnectionString(deps.sealer.open(conn.sealed));
  }

  return { columns, describe, load, digest, close: () => pool.close() };
}
