import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { publishCheckpoint } from '../platform/audit/publish-checkpoint.ts';
import { publicKeyOf } from '../platform/audit/signing-keys.ts';
import {
  databaseIn,
  openSampleLog,
  sampleEvent,
} from '../test/platform/audit/tampering/sample-log.ts';
import type { Bench } from './bench.ts';
import { watchMemory } from './memory.ts';
import { judged, type Row } from './results.ts';

const COMMAND = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const [MANY, FEW] = [1_000_000, 100_000];
const BATCH = 1000;
const CHECKPOINT_EVERY = 10_000;
const SECONDS_BAR = 60;
/** Room for what a garbage collector makes of it. */
const MEMORY_BAR = 1.3;

/** The command that verifies a log: a million events in under a minute, and in no more memory than a tenth of them. */
export async function measureVerifyAudit(bench: Bench): Promise<Row[]> {
  const measure = async (events: number) => {
    const folder = join(bench.scratch, `audit-${events}`);
    const key = await makeLog(folder, events);
    const measured = await verifyLog(folder, key);
    bench.say(`${events} events: ${measured.seconds.toFixed(1)} s, ${mib(measured.bytes)}`);
    return measured;
  };
  const few = await measure(FEW);
  const many = await measure(MANY);
  return [
    {
      what: 'audit verify: 1 000 000 events, one minute',
      ...{ rounds: 1, ours: `${many.seconds.toFixed(1)} s`, other: `${SECONDS_BAR} s` },
      ...judged(many.seconds / SECONDS_BAR, 1),
    },
    {
      what: 'audit verify: peak memory of 1 000 000 events, 100 000 events',
      ...{ rounds: 1, ours: mib(many.bytes), other: mib(few.bytes) },
      ...judged(many.bytes / few.bytes, MEMORY_BAR),
    },
  ];
}

/** Records events as the product does, signed every now and then. @returns the file of the public key */
export async function makeLog(folder: string, events: number): Promise<string> {
  const sample = await openSampleLog(folder, Date.now);
  for (let from = 0; from < events; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, at) => sampleEvent('default', from + at));
    await sample.log.record(...batch);
    if ((from + BATCH) % CHECKPOINT_EVERY === 0) await publishCheckpoint(sample, 'default');
  }
  await sample.log.close();
  const path = join(folder, 'auditor.pem');
  const [statement] = sample.keys.statements;
  if (!statement) throw new Error('there is no key');
  await writeFile(path, publicKeyOf(statement).export({ format: 'pem', type: 'spki' }));
  return path;
}

/** Runs the command over a log, and watches its memory. */
export async function verifyLog(
  folder: string,
  key: string,
): Promise<{ seconds: number; bytes: number }> {
  const startedAt = performance.now();
  const args = [COMMAND, 'audit', 'verify', databaseIn(folder), '--key', key];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const peakOf = watchMemory(child.pid as number);
  const [code] = (await once(child, 'exit')) as [number | null];
  const seconds = (performance.now() - startedAt) / 1000;
  const { bytes } = peakOf();
  if (code !== 0) throw new Error(`verify ended with ${code}`);
  return { seconds, bytes };
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
