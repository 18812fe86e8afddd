import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createRandomState } from '../../../learning/random/random-state.ts';
import { canonical } from '../../../platform/audit/chain.ts';
import { auditEffort } from '../../support/audit-effort.ts';
import { exportMutations } from './tampering/export-mutations.ts';
import { copyOf, picker } from './tampering/mutation.ts';
import { makeSampleExports, type SampleExports } from './tampering/sample-exports.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

let folder: string;
let exports: SampleExports;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-audit-'));
  exports = await makeSampleExports(folder);
});
afterAll(() => rm(folder, { recursive: true }));

function python(args: readonly string[]): Promise<{ code: number; output: string }> {
  const options = { cwd: EXAMPLES, env: { PYTHONDONTWRITEBYTECODE: '1' } };
  return new Promise((resolve) => {
    execFile(inject('python'), args, options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

const verify = (place: string) => python(['verify_audit.py', place, exports.key]);

describe('the verifier in Python', () => {
  it('is short, and agrees that untouched exports and receipts are as they were signed', async () => {
    const lines = (await readFile(join(EXAMPLES, 'verify_audit.py'), 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(100);
    for (const place of [exports.run, exports.range, exports.receipt]) {
      expect(await verify(place)).toEqual({ code: 0, output: 'as it was signed\n' });
    }
  });

  it.each(
    exportMutations.map(
      (mutation, at) => [mutation.name, at % 2 ? 'run' : 'range', mutation] as const,
    ),
  )('finds %s in a %s', async (_name, first, mutation) => {
    const kinds = auditEffort > 1 ? (['run', 'range'] as const) : ([first] as const);
    for (const kind of kinds) {
      const place = join(folder, 'mutated');
      await copyOf(exports[kind], place);
      const { seq, plain } = await mutation.apply(place, picker(createRandomState(1)));
      const { code, output } = await verify(place);
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/^BAD: /) as string,
      });
      // It says where a chain breaks: at the event that was changed, or at the one that follows it.
      const named = (output.match(/\d+/g) ?? []).map(Number);
      if (seq !== undefined && plain) {
        expect(named.some((number) => number === seq || number === seq + 1)).toBe(true);
      }
    }
  });

  it('finds an edited event in a receipt, and one signed for another key', async () => {
    const text = await readFile(exports.receipt, 'utf8');
    const place = join(folder, 'edited.json');
    await writeFile(place, text.replace('"temporal.attempt":1', '"temporal.attempt":2'));
    expect(await verify(place)).toMatchObject({ code: 1 });
    await writeFile(place, text.replace(/"size":(\d)/, '"size":1$1'));
    expect((await verify(place)).output).toContain('is not signed');
  });

  it('writes hard texts as we do', async () => {
    const random = createRandomState(7);
    const letter = (): string => {
      const code = random.interval(random.interval(1) ? 0x7f : 0x10ffff);
      return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
    };
    const values = Array.from({ length: 500 }, (_, n) => ({
      'b.text': Array.from({ length: 30 }, letter).join(''),
      'a.list': ['\u2028\u2029', '\u007f\u0000"\\/', '😀'],
      ...{ n, yes: true, no: false, big: Number.MAX_SAFE_INTEGER },
    }));
    const path = join(folder, 'hard.json');
    await writeFile(path, JSON.stringify(values));
    const program = `import json, verify_audit
for value in json.load(open(${JSON.stringify(path)}, encoding="utf-8")): print(verify_audit.canonical(value).hex())`;
    const { output } = await python(['-c', program]);
    const ours = values.map((value) => Buffer.from(canonical(value)).toString('hex'));
    expect(output.trim().split('\n')).toEqual(ours);
  });
});
