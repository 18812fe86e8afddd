import { join } from 'node:path';

import { EXPORT_FILES, type Manifest } from '../export/manifest.ts';
import { isFrontierOf } from '../merkle.ts';
import { fileProblems, readManifest, signatureProblem } from './export-files.ts';
import { eventOf } from './database-links.ts';
import { exportedCheckpoints } from './exported-checkpoints.ts';
import { brokenPrivates, privateProblem } from './exported-privates.ts';
import { inOrder, type ChainVerdict, type Finding } from './finding.ts';
import type { KeyRing } from './key-ring.ts';
import { linesOf } from './lines.ts';
import { canonicalText, linkOfStored, provenProblem, storedEvent } from './proven-events.ts';
import { signedCheckpoints } from './signed-checkpoints.ts';
import { walkChain, type Link } from './walk-chain.ts';

/** Verifies an exported folder by itself. */
export async function verifyExport(folder: string, keys: KeyRing): Promise<ChainVerdict> {
  const manifest = await readManifest(folder);
  if (typeof manifest === 'string')
    return empty('export', [{ chain: 'export', problem: manifest }]);
  const { chain } = manifest;
  const unsigned = await signatureProblem(folder, manifest, keys);
  const broken = await brokenPrivates(join(folder, EXPORT_FILES.private));
  const verdict = await (manifest.kind === 'run' ? verifyRun : verifyRange)(
    folder,
    manifest,
    keys,
    broken,
  );
  // Where an event is at fault, its file is no news.
  const others = [
    ...(unsigned === undefined ? [] : [unsigned]),
    ...(await fileProblems(folder, manifest)),
  ];
  const findings = [
    ...verdict.findings,
    ...[...broken].map((commitment) => ({
      chain,
      problem: `A private text is not the one of its commitment ${commitment}.`,
    })),
    ...others.map((problem): Finding => ({ chain, problem })),
  ];
  return { ...verdict, findings: inOrder(findings) };
}

type Verify = (
  folder: string,
  manifest: Manifest,
  keys: KeyRing,
  broken: Set<string>,
) => Promise<ChainVerdict>;

const verifyRange: Verify = async (folder, manifest, keys, broken) => {
  const { chain, size, start } = manifest;
  if (!start || !isFrontierOf(start.size, start.frontier)) {
    return empty(chain, [
      { chain, problem: 'The manifest’s state before the first event is damaged.' },
    ]);
  }
  const source = await exportedCheckpoints(folder);
  const checkpoints = await signedCheckpoints(source, chain, keys);
  const links = exportedLinks(join(folder, EXPORT_FILES.events), start, broken);
  return walkChain({ ...{ chain, start, size, links, checkpoints }, checkpointsAfter: start.size });
};

async function* exportedLinks(
  path: string,
  { head, size }: { readonly head: string; readonly size: number },
  broken: Set<string>,
): AsyncGenerator<readonly Link[]> {
  let before = head;
  let seq = size;
  for await (const line of linesOf(path)) {
    const value = eventOf(line);
    const stored = storedEvent(value);
    seq += 1;
    if (!stored) {
      yield [{ seq, hash: before, body: line, event: undefined }];
      continue;
    }
    const { previous, event } = stored;
    const unlinked = 'the hash that it names is not that of the event before.';
    const beside =
      previous === before ? (privateProblem(event, broken) ?? lineProblem(line, value)) : unlinked;
    before = stored.hash;
    yield [{ ...linkOfStored(stored, canonicalText(event)), previous, beside }];
  }
}

const verifyRun: Verify = async (folder, manifest, keys, broken) => {
  const { chain, size, seqs = [] } = manifest;
  const checkpoints = await signedCheckpoints(await exportedCheckpoints(folder), chain, keys);
  let checkpoint = await checkpoints.next();
  while (checkpoint && checkpoint.size !== size) checkpoint = await checkpoints.next();
  if (!checkpoint) {
    const problem = `The checkpoint of size ${size}, which signs the events, is not there.`;
    return empty(chain, [{ chain, checkpoint: size, problem }, ...checkpoints.findings]);
  }
  const findings: Finding[] = [];
  let count = 0;
  for await (const line of linesOf(join(folder, EXPORT_FILES.events))) {
    const value = eventOf(line);
    const stored = storedEvent(value);
    const expected = seqs[count];
    const seq = stored?.event['audit.seq'] ?? expected ?? 0;
    const name = stored?.event['event.name'] as string | undefined;
    if (stored && expected !== undefined && seq > expected && !seqs.slice(0, count).includes(seq)) {
      findings.push({ chain, seq: expected, problem: 'it is missing, or not in its place.' });
      break;
    }
    const problem =
      expected !== seq
        ? 'it is there more than once, out of order, or not of this run.'
        : stored
          ? (provenProblem(stored, checkpoint) ??
            privateProblem(stored.event, broken) ??
            lineProblem(line, value))
          : 'it has not the form of one.';
    if (problem !== undefined) {
      findings.push({ chain, seq, name, problem });
      break;
    }
    count += 1;
  }
  if (findings.length === 0 && count < seqs.length) {
    findings.push({ chain, seq: seqs[count], problem: 'it is missing.' });
  }
  const { root, time } = checkpoint;
  return {
    ...{ chain, size, seen: count, root, start: 0, checkpoints: 1, covered: size, coveredAt: time },
    ...{ findings: [...findings, ...checkpoints.findings], warnings: checkpoints.warnings },
  };
};

function lineProblem(line: string, value: unknown): string | undefined {
  return canonicalText(value) === line ? undefined : 'its line is not canonical JSON.';
}

function empty(chain: string, findings: readonly Finding[]): ChainVerdict {
  return {
    ...{
      chain,
      size: 0,
      seen: 0,
      root: '',
      start: 0,
      checkpoints: 0,
      covered: 0,
      coveredAt: undefined,
    },
    ...{ findings, warnings: [] },
  };
}
