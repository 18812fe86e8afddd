import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandomState } from '../../../learning/random/random-state.ts';
import { auditEffort } from '../../support/audit-effort.ts';
import { exportMutations } from './tampering/export-mutations.ts';
import { copyOf, picker } from './tampering/mutation.ts';
import { makeSampleExports, verified, type SampleExports } from './tampering/sample-exports.ts';

let folder: string;
let exports: SampleExports;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tampering-export-'));
  exports = await makeSampleExports(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const all = (['run', 'range'] as const).flatMap((kind) =>
  exportMutations.map((mutation) => [mutation.name, kind, mutation] as const),
);

describe('a verifier of exports', () => {
  it.each(['run', 'range'] as const)(
    'finds nothing wrong with a %s as it was exported',
    async (kind) => {
      const { verdict, problems } = await verified(exports[kind], exports.key);
      expect({ problems, findings: verdict.findings }).toEqual({ problems: [], findings: [] });
      expect(verdict.seen).toBeGreaterThanOrEqual(80);
    },
  );

  it.each(all)('finds %s in a %s, and names the first bad event', async (_name, kind, mutation) => {
    for (let seed = 0; seed < auditEffort; seed += 1) {
      const place = join(folder, 'mutated');
      await copyOf(exports[kind], place);
      const { seq, plain } = await mutation.apply(place, picker(createRandomState(seed)));
      const { verdict, problems } = await verified(place, exports.key);
      expect(verdict.findings.length + problems.length).toBeGreaterThan(0);
      const [first] = verdict.findings;
      if (seq === undefined) continue;
      if (plain || kind === 'run') expect(first?.seq).toBe(seq);
      else {
        expect(first?.from ?? first?.seq).toBeLessThanOrEqual(seq);
        expect(first?.to ?? first?.seq).toBeGreaterThanOrEqual(seq);
      }
    }
  });
});
