import { hash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import { tenantOfWorkflow } from '../../../schemas/caller.ts';
import { Failure } from '../../../schemas/failure.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import type { AuditDatabase } from '../database/open-database.ts';
import { eventsAbout } from '../read-events.ts';

/** The history of one execution of a run's workflow, as it was exported from Temporal. */
export interface ExportedHistory {
  /** Temporal's id of the execution. */
  readonly runId: string;
  readonly exportedAt: string;
  readonly events: number;
  /** Of the JSON, hex; it stands in the chain. */
  readonly sha256: string;
  /**
   * Canonical JSON of what `temporal workflow show --output json` writes, payloads as Temporal had them (encrypted,
   * where they were): `historyFromJSON(JSON.parse(json))` reads it for a replay. Null when it was erased.
   */
  readonly json: string | null;
}

/** A reset makes one execution more; a run with so many has other troubles. */
const MOST_EXECUTIONS = 1000;

/** The blob of a history: a name of its own, so that erasure finds all of a workflow's. */
export function historyKey(workflowId: string, runId = ''): string {
  return `histories/${workflowId}/${runId === '' ? '' : `${runId}.json.gz`}`;
}

/** Stores a history; the same one twice does no harm. @returns the SHA-256 of the JSON, hex */
export async function storeHistory(
  blobs: BlobStore,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  json: string,
): Promise<string> {
  const bytes = await promisify(gzip)(json);
  await blobs.withScratch(async (folder) => {
    const path = join(folder, 'history');
    await writeFile(path, bytes, { mode: 0o600 });
    await blobs.replace(historyKey(workflowId, runId), path);
  });
  return hash('sha256', json);
}

/**
 * The exported histories of a run, one for each execution of its workflow, in the order of their export.
 * @throws Failure BLOB_CORRUPT when one is not what the chain says
 */
export async function readExportedHistory(
  { blobs, database }: { readonly blobs: BlobStore; readonly database: AuditDatabase },
  workflowId: string,
): Promise<ExportedHistory[]> {
  const found = await eventsAbout(database, {
    chain: tenantOfWorkflow(workflowId),
    subject: `workflow:${workflowId}`,
    names: ['history.exported'],
    limit: MOST_EXECUTIONS,
  });
  const histories: ExportedHistory[] = [];
  for (const event of found) {
    if (event['event.name'] !== 'history.exported') continue;
    const { 'temporal.run_id': runId, 'history.sha256': sha256, timestamp: exportedAt } = event;
    const json = await readHistory(blobs, { workflowId, runId, sha256 });
    histories.push({ runId, exportedAt, events: event['history.events'], sha256, json });
  }
  return histories;
}

function readHistory(
  blobs: BlobStore,
  of: { readonly workflowId: string; readonly runId: string; readonly sha256: string },
): Promise<string | null> {
  return blobs.withReplaceable(historyKey(of.workflowId, of.runId), async (path) => {
    if (path === null) return null;
    const json = await promisify(gunzip)(await readFile(path)).then(String, () => '');
    if (hash('sha256', json) === of.sha256) return json;
    throw new Failure(
      'BLOB_CORRUPT',
      `The exported history of ${of.workflowId} changed on the disk: the hash is another.`,
      'Restore it from a backup of the blob store; the audit log tells what its hash was.',
    );
  });
}
