import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { exportEvents, signExport } from '../../../../platform/audit/export/export-audit.ts';
import { createExportFolder } from '../../../../platform/audit/export/export-folder.ts';
import { makeReceipt } from '../../../../platform/audit/receipt.ts';
import { publicKeyOf } from '../../../../platform/audit/signing-keys.ts';
import { linesOf } from '../../../../platform/audit/verification/lines.ts';
import { createKeyRing, readGivenKey } from '../../../../platform/audit/verification/key-ring.ts';
import { verifyExport } from '../../../../platform/audit/verification/verify-export.ts';
import { fillSampleLog, openSampleLog, WORKFLOWS } from './sample-log.ts';

/** Exports of a run and of a range, and a receipt, in a folder; with the key that an auditor is handed. */
export interface SampleExports {
  readonly run: string;
  readonly range: string;
  readonly receipt: string;
  readonly key: string;
}

const MINUTE = 60_000;
const BEGIN = Date.parse('2026-01-30T22:00:00Z');

export async function makeSampleExports(folder: string): Promise<SampleExports> {
  let time = BEGIN;
  const sample = await openSampleLog(join(folder, 'log'), () => (time += MINUTE));
  await fillSampleLog(sample);
  const of = { chain: 'default', withPrivate: true } as const;
  const wishes = {
    run: { ...of, kind: 'run', workflowId: WORKFLOWS[1] },
    range: {
      ...of,
      kind: 'range',
      from: new Date(BEGIN + 50 * MINUTE),
      to: new Date(BEGIN + 150 * MINUTE),
    },
  } as const;
  for (const [name, wish] of Object.entries(wishes)) {
    const out = await createExportFolder(join(folder, name));
    await signExport(sample, await exportEvents(sample, wish, out), out);
  }
  const receipt = await makeReceipt(sample.log.database, sample.keys, {
    ...{ chain: 'default', workflowId: WORKFLOWS[0], now: new Date(time) },
  });
  await sample.log.close();
  const [statement] = sample.keys.statements;
  if (!statement) throw new Error('there is no key');
  const pem = publicKeyOf(statement).export({ format: 'pem', type: 'spki' });
  const at = (name: string): string => join(folder, name);
  await writeFile(at('receipt.json'), JSON.stringify(receipt));
  await writeFile(at('auditor.pem'), `# for the auditor\n${pem.toString()}`);
  return {
    run: at('run'),
    range: at('range'),
    receipt: at('receipt.json'),
    key: at('auditor.pem'),
  };
}

/** As `audit verify <folder> --key …` does it. */
export async function verified(folder: string, key: string) {
  const statements = new Map<string, string>();
  for await (const line of linesOf(join(folder, 'keys.jsonl'))) {
    statements.set(`keys.jsonl line ${statements.size + 1}`, line);
  }
  const keys = createKeyRing(statements, [readGivenKey(await readFile(key, 'utf8'))]);
  return { verdict: await verifyExport(folder, keys), problems: keys.problems };
}
