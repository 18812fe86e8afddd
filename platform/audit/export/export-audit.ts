import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { Failure } from '../../../schemas/failure.ts';
import { checkpointName } from '../checkpoint-name.ts';
import { publishCheckpoint, type CheckpointDependencies } from '../publish-checkpoint.ts';
import { seqsOfRun } from '../read-events.ts';
import { linesOf } from '../verification/lines.ts';
import { commitmentsOf, eventsCsv } from './event-tables.ts';
import {
  checkpointSizes,
  contiguousLines,
  line,
  privateLines,
  provenLines,
  seqsBetween,
  stateAt,
} from './export-events.ts';
import type { ExportFolder } from './export-folder.ts';
import { EXPORT_FILES, type Manifest } from './manifest.ts';

/** What is to be exported: all of a run, or of a time (both ends included). */
export type ExportWish = { readonly chain: string; readonly withPrivate: boolean } & (
  | { readonly kind: 'run'; readonly workflowId: string }
  | { readonly kind: 'range'; readonly from: Date; readonly to: Date }
);

/** What an export turned out to hold, before it is signed. */
export type Exported = Omit<Manifest, 'format' | 'made' | 'files'>;

/** Writes the events with all that proves them. @throws Failure RUN_NOT_FOUND, INVALID_REQUEST when there are none */
export async function exportEvents(
  deps: CheckpointDependencies,
  wish: ExportWish,
  folder: ExportFolder,
): Promise<Exported> {
  const { chain } = wish;
  const { database } = deps.log;
  await deps.log.ready();
  await publishCheckpoint(deps, chain);
  const exported = await (wish.kind === 'run' ? exportRun : exportRange)(
    deps,
    wish as never,
    folder,
  );
  await folder.write(EXPORT_FILES.keys, deps.keys.statements.map(line));
  const events = (): AsyncIterable<AuditEvent> => exportedEvents(folder.path);
  if (wish.withPrivate) {
    await folder.write(
      EXPORT_FILES.private,
      privateLines(database, chain, commitmentsOf(events())),
    );
  }
  await folder.write('events.csv', eventsCsv(events()));
  return exported;
}

/** The events of an export that is being written. */
export async function* exportedEvents(path: string): AsyncGenerator<AuditEvent> {
  for await (const text of linesOf(join(path, EXPORT_FILES.events))) {
    yield (JSON.parse(text) as { readonly event: AuditEvent }).event;
  }
}

async function exportRun(
  { log: { database }, store }: CheckpointDependencies,
  { chain, workflowId }: Extract<ExportWish, { kind: 'run' }>,
  folder: ExportFolder,
): Promise<Exported> {
  const size = (await checkpointSizes(store, chain)).at(-1) ?? 0;
  const seqs = await seqsOfRun(database, { chain, workflowId, size });
  if (seqs.length === 0) throw noEvents('RUN_NOT_FOUND', `of the run ${workflowId}`);
  await folder.write(EXPORT_FILES.events, provenLines(database, { chain, size }, seqs));
  await folder.write(EXPORT_FILES.checkpoints, [await store.get(checkpointName({ chain, size }))]);
  return { kind: 'run', chain, workflow_id: workflowId, size, events: seqs.length, seqs };
}

async function exportRange(
  { log: { database }, store }: CheckpointDependencies,
  { chain, from, to }: Extract<ExportWish, { kind: 'range' }>,
  folder: ExportFolder,
): Promise<Exported> {
  const found = await seqsBetween(database, chain, { from: from.getTime(), to: to.getTime() });
  const sizes = await checkpointSizes(store, chain);
  // The event that the newest checkpoint itself left behind is covered by none yet.
  const last = found && Math.min(found.last, sizes.at(-1) ?? 0);
  const size = sizes.find((each) => last !== undefined && each >= last);
  if (!found || size === undefined || found.first > size) {
    throw noEvents('INVALID_REQUEST', `from ${from.toISOString()} to ${to.toISOString()}`);
  }
  const start = await stateAt(database, chain, found.first - 1);
  await folder.write(EXPORT_FILES.events, contiguousLines(database, { chain, start, to: size }));
  const within = sizes.filter((each) => each > start.size && each <= size);
  await folder.write(
    EXPORT_FILES.checkpoints,
    (async function* () {
      for (const each of within) yield await store.get(checkpointName({ chain, size: each }));
    })(),
  );
  return {
    ...{ kind: 'range', chain, size, events: size - start.size, start },
    ...{ from: from.toISOString(), to: to.toISOString() },
  };
}

/** Signs what is in the folder. @returns SHA-256 of the manifest, hex */
export async function signExport(
  { keys, now = () => new Date() }: Pick<CheckpointDependencies, 'keys' | 'now'>,
  exported: Exported,
  folder: ExportFolder,
): Promise<string> {
  const manifest: Manifest = {
    format: 'durable-experiments-audit/1',
    made: now().toISOString(),
    ...exported,
    files: folder.files.map((file) => ({ ...file })),
  };
  const text = line(manifest);
  const signature = { key_id: keys.keyId, signature: keys.sign(text.trimEnd()) };
  const sha256 = await folder.write(EXPORT_FILES.manifest, [text]);
  await folder.write(EXPORT_FILES.signature, [line(signature)]);
  return sha256;
}

/** Takes an export away that could not be finished. */
export async function discardExport({ path }: ExportFolder): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function noEvents(code: 'RUN_NOT_FOUND' | 'INVALID_REQUEST', of: string): Failure {
  return new Failure(
    code,
    `The audit log has no events ${of}.`,
    'See that --tenant is right, and that retention has not taken them.',
  );
}
