import { resolve } from 'node:path';

import { DEFAULT_TENANT, tenantSchema } from '../../../schemas/caller.ts';
import { Failure } from '../../../schemas/failure.ts';
import { shownName, shownNames } from '../shown-name.ts';
import { isWithin, NAMED_PATH, pathNotAllowed } from './path-rules.ts';

/** The tenant that stands for all of them. */
const EVERYBODY = '*';
/** Begins with no “/” or “.”: that is a path, whatever it holds. */
const NAMED_ENTRY = /^(?![/.])(?:(?<tenant>[^/=]*)\/)?(?<name>[^=]*)=(?<folder>.*)$/s;
const ROOT_NAME = /^[a-z][a-z0-9_-]{0,39}$/;

/** A folder that file sources may be read from. */
export interface DataRoot {
  readonly tenant: string;
  /** Null for a root that paths can't name. */
  readonly name: string | null;
  /** Absolute. */
  readonly folder: string;
}

/** Where a path is looked for. */
export interface PlacedPath {
  readonly path: string;
  readonly folders: readonly string[];
}

export interface DataRoots {
  /** In the order of DATA_ROOTS. */
  readonly all: readonly DataRoot[];
  /** The tenant's own roots and those that all share, in the order of DATA_ROOTS. */
  rootsOf(tenant: string): readonly DataRoot[];
  /**
   * Takes the name of a root off a path: “sales:2024/train.csv” is looked for in that root alone, any
   * other path in all of the tenant's. Another tenant's root is answered like one that is not there.
   * @throws Failure PATH_NOT_ALLOWED
   */
  place(path: string, tenant: string): PlacedPath;
}

/**
 * Reads the entries of DATA_ROOTS: `path`, `name=path` or `tenant/name=path`. What names no tenant
 * belongs to the tenant “default”; the tenant “*” stands for all of them.
 * @throws Failure SETUP_FAILED for an entry that can't be read, a name that a tenant would have twice,
 *   or a root that lies in another owner's
 */
export function parseDataRoots(entries: readonly string[]): DataRoots {
  const roots = entries.map(parseEntry);
  roots.forEach((root, position) => {
    for (const other of roots.slice(0, position)) checkPair(root, other);
  });
  const rootsOf = (tenant: string): readonly DataRoot[] =>
    roots.filter((root) => root.tenant === tenant || root.tenant === EVERYBODY);
  return {
    all: roots,
    rootsOf,
    place(path, tenant) {
      const seen = rootsOf(tenant);
      const [, name, rest] = NAMED_PATH.exec(path) ?? [];
      if (name === undefined || rest === undefined) {
        return { path, folders: seen.map(({ folder }) => folder) };
      }
      const root = seen.find((candidate) => candidate.name === name);
      if (!root) throw noSuchRoot(seen);
      if (rest.startsWith('/'))
        throw pathNotAllowed('After the name of a root the path is relative.');
      return { path: rest, folders: [root.folder] };
    },
  };
}

function parseEntry(entry: string): DataRoot {
  const { tenant = DEFAULT_TENANT, name, folder } = NAMED_ENTRY.exec(entry)?.groups ?? {};
  if (name === undefined || folder === undefined) {
    return { tenant: DEFAULT_TENANT, name: null, folder: resolve(entry) };
  }
  const known = tenant === EVERYBODY || tenantSchema.safeParse(tenant).success;
  if (!known || !ROOT_NAME.test(name) || folder === '') {
    throw wrongEntry(
      `The entry ${shownName(entry)} of DATA_ROOTS is none of path, name=path and tenant/name=path.`,
      'Names have small letters, digits, dashes and underscores; begin a path that holds “=” with “/” or “./”.',
    );
  }
  return { tenant, name, folder: resolve(folder) };
}

function checkPair(root: DataRoot, other: DataRoot): void {
  const strangers = root.tenant !== other.tenant;
  const meet = !strangers || [root.tenant, other.tenant].includes(EVERYBODY);
  if (meet && root.name !== null && root.name === other.name) {
    throw wrongEntry(
      `DATA_ROOTS gives the name ${shownName(root.name)} twice to the same tenant.`,
      'Give each root a name of its own.',
    );
  }
  const nested = isWithin(root.folder, other.folder) || isWithin(other.folder, root.folder);
  if (strangers && nested) {
    throw wrongEntry(
      `In DATA_ROOTS ${shownName(root.folder)} and ${shownName(other.folder)} overlap, and belong to different tenants.`,
      'Give each tenant folders of its own, side by side.',
    );
  }
}

function noSuchRoot(seen: readonly DataRoot[]): Failure {
  const names = seen.flatMap(({ name }) => (name === null ? [] : [name]));
  return pathNotAllowed(
    'A path may hold no URL scheme, no drive letter, and before a “:” only the name of one of your data roots.',
    names.length > 0 ? `The data roots with a name are ${shownNames(names)}.` : undefined,
  );
}

function wrongEntry(message: string, hint: string): Failure {
  return new Failure('SETUP_FAILED', message, hint);
}
