import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandomState } from '../../../learning/random/random-state.ts';
import { createFolderStore } from '../../../platform/audit/checkpoint-store.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { publicKeyOf } from '../../../platform/audit/signing-keys.ts';
import { inOrder, type ChainVerdict } from '../../../platform/audit/verification/finding.ts';
import { createKeyRing } from '../../../platform/audit/verification/key-ring.ts';
import {
  chainsToVerify,
  verifyDatabaseChain,
} from '../../../platform/audit/verification/verify-database.ts';
import { auditEffort } from '../../support/audit-effort.ts';
import { checkpointMutations } from './tampering/checkpoint-mutations.ts';
import { cleverMutations } from './tampering/clever-mutations.ts';
import { copyOf, picker, type Mutation, type Touched } from './tampering/mutation.ts';
import { plainMutations } from './tampering/plain-mutations.ts';
import {
  checkpointsIn,
  databaseIn,
  fillSampleLog,
  openSampleLog,
  SPACING,
} from './tampering/sample-log.ts';

let folder: string;
let key: KeyObject;
const sample = (): string => join(folder, 'sample');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tampering-'));
  const log = await openSampleLog(sample(), Date.now);
  await fillSampleLog(log);
  await log.log.close();
  key = publicKeyOf(log.keys.statements[0]!);
});
afterAll(() => rm(folder, { recursive: true }));

/** As `audit verify <folder>/audit.db --key …` does it. */
async function verify(place: string) {
  const checkpoints = createFolderStore(checkpointsIn(place));
  const statements = new Map<string, string>();
  for (const name of await checkpoints.list('keys/'))
    statements.set(name, await checkpoints.get(name));
  const keys = createKeyRing(statements, [key]);
  const database = openAuditDatabase({ path: databaseIn(place), readOnly: true });
  const verdicts: ChainVerdict[] = [];
  for (const chain of await chainsToVerify(database, { checkpoints })) {
    verdicts.push(await verifyDatabaseChain(database, { checkpoints, keys }, chain));
  }
  await database.tables.destroy();
  const own = verdicts.find(({ chain }) => chain === 'default');
  return { verdicts, problems: keys.problems, findings: inOrder(own?.findings ?? []) };
}

/** Whether a verifier's words fit what was done. */
function expectNamed(
  { seq, plain, checkpoint }: Touched,
  { findings, problems }: Awaited<ReturnType<typeof verify>>,
): void {
  if (checkpoint !== undefined) {
    expect(findings.map((finding) => finding.checkpoint)).toContain(checkpoint);
  } else if (seq === undefined) {
    expect(problems).not.toEqual([]);
  } else if (plain) {
    expect(findings[0]?.seq).toBe(seq);
  } else {
    const [{ seq: named = 0, from = named, to = named } = {}] = findings;
    expect(from).toBeLessThanOrEqual(seq);
    expect(to).toBeGreaterThanOrEqual(seq);
    expect(to - from).toBeLessThan(2 * SPACING);
  }
}

const all: readonly (readonly [string, Mutation])[] = [
  ...plainMutations,
  ...cleverMutations,
  ...checkpointMutations,
].map((mutation) => [mutation.name, mutation]);

describe('a verifier', () => {
  it('finds nothing wrong with a log as it was recorded, and changes nothing', async () => {
    const { verdicts, problems } = await verify(sample());
    expect(problems).toEqual([]);
    expect(
      verdicts.map(({ chain, size, covered, findings }) => ({ chain, size, covered, findings })),
    ).toEqual([
      { chain: 'acme', size: 3, covered: 2, findings: [] },
      { chain: 'default', size: 336, covered: 335, findings: [] },
    ]);
  });

  it.each(all)('finds %s, and names the first bad event', async (_name, mutation) => {
    for (let seed = 0; seed < auditEffort; seed += 1) {
      const place = join(folder, 'mutated');
      await copyOf(sample(), place);
      const touched = await mutation.apply(place, picker(createRandomState(seed)));
      const found = await verify(place);
      expectNamed(touched, found);
      expect(found.findings.length + found.problems.length).toBeGreaterThan(0);
    }
  });
});
