import { readFile } from 'node:fs/promises';

import { likelyMeant } from '../../platform/spelling.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { Failure } from '../../schemas/failure.ts';
import { connectionsFileSchema, type ConnectionEntry } from './connection-entries.ts';
import {
  resolveEntry,
  wrongSetup,
  type Environment,
  type ResolvedConnection,
} from './connection-values.ts';
import { shownName, shownNames } from './shown-name.ts';

export type { ResolvedConnection } from './connection-values.ts';

/** The SQL connections that an operator has configured. */
export interface NamedConnections {
  /**
   * Reads what the connection refers to (variables and files) anew, so that a rotated password counts
   * from the next run on. To a tenant that may not use it, it does not exist.
   * @throws Failure CONNECTION_NOT_FOUND, or SETUP_FAILED when a file or variable is missing
   */
  open(name: string, tenant?: string): Promise<ResolvedConnection>;
}

/** One connection as the operator sees it. */
export interface ConfiguredConnection {
  readonly name: string;
  readonly tenants: readonly string[] | undefined;
  readonly open: () => Promise<ResolvedConnection>;
}

/** The connections of all tenants. */
export interface ConfiguredConnections extends NamedConnections {
  readonly all: readonly ConfiguredConnection[];
}

/**
 * Reads CONNECTIONS_FILE: a JSON object of names, each {url}, {kind: "sqlite", path} or {kind, host,
 * port?, database, user, password?, tls?, ca?}; instead of any value there may be the variable or the file
 * that holds it (passwordEnv, urlFile, …). `tenants` and `tables` say who may read what; all when left out.
 * @param environment where variables are looked up
 * @throws Failure SETUP_FAILED with one line that says what is wrong
 */
export async function loadConnections(
  path: string | undefined,
  environment: Environment = {},
): Promise<ConfiguredConnections> {
  const entries = Object.entries(path === undefined ? {} : await readConnections(path));
  return {
    all: entries.map(([name, entry]) => ({
      name,
      tenants: entry.tenants,
      open: () => resolveEntry(name, entry, environment),
    })),
    async open(name, tenant = DEFAULT_TENANT) {
      const own = entries.filter(([, { tenants }]) => tenants?.includes(tenant) ?? true);
      const entry = own.find(([known]) => known === name)?.[1];
      if (entry) return resolveEntry(name, entry, environment);
      throw unknownConnection(
        name,
        own.map(([known]) => known),
      );
    },
  };
}

async function readConnections(path: string): Promise<Record<string, ConnectionEntry>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw wrongSetup(`CONNECTIONS_FILE ${path} can’t be read as JSON`, cause);
  }
  const parsed = connectionsFileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Values may be passwords: only the places are named.
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'the file');
  throw wrongSetup(`CONNECTIONS_FILE ${path} is wrong at ${[...new Set(places)].join(', ')}`);
}

function unknownConnection(name: string, names: readonly string[]): Failure {
  const meant = likelyMeant(name, names);
  return new Failure(
    'CONNECTION_NOT_FOUND',
    `There is no connection named ${shownName(name)}.`,
    meant.length > 0
      ? `Did you mean ${shownNames(meant)}?`
      : 'Ask the operator for the names in CONNECTIONS_FILE.',
  );
}
