import { fetchHistory } from '../../platform/audit/histories/export-history.ts';
import { listOpen } from '../../platform/audit/histories/list-executions.ts';
import { isNotFound } from '../../platform/audit/histories/temporal-access.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import { createTenancy } from '../experiments/tenancy.ts';
import { createDecoder } from '../experiments/workflow-record.ts';
import type { ErasureDependencies } from './erasure-dependencies.ts';
import { storedRequest } from './stored-request.ts';

/** Events that are looked through for one run, or for one source. */
const MOST_EVENTS = 10_000;

interface Run {
  readonly workflowId: string;
  readonly chain: string;
}

export interface InlineRecords {
  /** The blob's key. */
  readonly key: string;
  /** Other runs that were made from it, whose data was not erased. */
  readonly sharedWith: readonly string[];
}

/** The inline records of a run that are there: by its request, or by the log when no history is left. */
export async function inlineRecords(
  deps: ErasureDependencies,
  { workflowId, chain }: Run,
  request: ExperimentInput | undefined,
): Promise<InlineRecords | undefined> {
  const { blobs, log } = deps;
  const events = await eventsAbout(log.database, {
    ...{ chain, subject: `workflow:${workflowId}`, names: ['attempt.ended'] },
    limit: MOST_EVENTS,
  });
  const source = request?.source;
  const hashes = new Set(
    source?.kind === 'inline' ? [source.records.sha256] : events.flatMap(sourceHash),
  );
  const name = createTenancy(chain).blobName('inline/records');
  for (const sha256 of hashes) {
    const [key] = await blobs.list(`${name}.${sha256.slice(0, 32)}`);
    if (key === undefined) continue;
    const others = await usersOf(deps, { chain, key, sha256 });
    return { key, sharedWith: others.filter((id) => id !== workflowId) };
  }
  return undefined;
}

/** Runs that have read the records, by the log, and those that are going and may have to. */
async function usersOf(
  { access, client, log }: ErasureDependencies,
  { chain, key, sha256 }: { readonly chain: string; readonly key: string; readonly sha256: string },
): Promise<string[]> {
  const found = new Set<string>();
  const read = await eventsAbout(log.database, {
    ...{ chain, subject: `data:${sha256}`, limit: MOST_EVENTS },
  });
  for (const id of new Set(read.flatMap(workflowOf))) {
    const [erased] = await eventsAbout(log.database, {
      ...{ chain, subject: `workflow:${id}`, names: ['audit.erased'], limit: 1 },
    });
    if (!erased) found.add(id);
  }
  for (const execution of await listOpen(access)) {
    const events = await fetchHistory(access, execution).catch(unlessGone);
    const request = events && (await storedRequest(events, createDecoder(client)));
    const source = request?.source;
    if (source?.kind === 'inline' && source.records.key === key) found.add(execution.workflowId);
  }
  return [...found];
}

function unlessGone(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

function sourceHash(event: AuditEvent): string[] {
  const sha256 = event['event.name'] === 'attempt.ended' ? event['source.sha256'] : undefined;
  return sha256 === undefined ? [] : [sha256];
}

function workflowOf(event: AuditEvent): string[] {
  const id = 'temporal.workflow_id' in event ? event['temporal.workflow_id'] : undefined;
  return id === undefined ? [] : [id];
}
