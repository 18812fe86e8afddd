import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DEFAULT_TENANT, tenantOfWorkflow } from '../../schemas/caller.ts';

/** How many bytes a tenant’s blobs take. */
export type KeptBytes = (tenant: string) => Promise<number>;

/** Between two measurements at least so long, and fifty times what the last one took. */
const SELDOM_MILLISECONDS = 30_000;
const PAUSE = 50;

/**
 * Measures a folder of blobs, everybody’s at once, and remembers it: what is written in between counts later.
 */
export function createKeptBytes(folder: string, now: () => number = Date.now): KeptBytes {
  let known: Promise<ReadonlyMap<string, number>> | undefined;
  let goodUntil = -Infinity;
  async function measured(): Promise<ReadonlyMap<string, number>> {
    const startedAt = now();
    goodUntil = Infinity;
    try {
      return await measure(folder);
    } finally {
      const took = now() - startedAt;
      goodUntil = now() + Math.max(SELDOM_MILLISECONDS, PAUSE * took);
    }
  }
  return async (tenant) => {
    if (!known || now() > goodUntil) known = measured();
    return (await known).get(tenant) ?? 0;
  };
}

async function measure(folder: string): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  for await (const [path, size] of files(folder, [])) {
    const tenant = tenantOfBlob(path);
    bytes.set(tenant, (bytes.get(tenant) ?? 0) + size);
  }
  return bytes;
}

/** As tenancy.ts names blobs: `tenants/<tenant>/…`, and what a run of `experiment-<tenant>.…` keeps. */
function tenantOfBlob([place, name = '']: readonly string[]): string {
  if (place === 'tenants') return name;
  const ofRun = place === 'runs' || place === 'histories';
  return ofRun ? tenantOfWorkflow(name) : DEFAULT_TENANT;
}

async function* files(
  folder: string,
  path: readonly string[],
): AsyncGenerator<[path: readonly string[], bytes: number]> {
  const entries = await opendir(join(folder, ...path)).catch(unlessGone);
  if (!entries) return;
  for await (const entry of entries) {
    // The store's own: what is being written, and soon gone.
    if (entry.name.startsWith('.')) continue;
    const inside = [...path, entry.name];
    if (entry.isDirectory()) yield* files(folder, inside);
    else if (entry.isFile()) {
      const found = await stat(join(folder, ...inside)).catch(unlessGone);
      if (found) yield [inside, found.size];
    }
  }
}

/** Others write, and tidy, meanwhile. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
