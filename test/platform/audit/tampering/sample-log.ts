import { join } from 'node:path';

import { createAuditLog, type AuditLog } from '../../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../../platform/audit/new-event.ts';
import {
  createFolderStore,
  type CheckpointStore,
} from '../../../../platform/audit/checkpoint-store.ts';
import { committed } from '../../../../platform/audit/commitment.ts';
import {
  openAuditDatabase,
  type AuditDatabase,
} from '../../../../platform/audit/database/open-database.ts';
import { publishCheckpoint } from '../../../../platform/audit/publish-checkpoint.ts';
import { loadSigningKeys, type SigningKeys } from '../../../../platform/audit/signing-keys.ts';

/** Where a log lies in a folder. */
export const databaseIn = (folder: string): string => join(folder, 'audit.db');
export const checkpointsIn = (folder: string): string => join(folder, 'checkpoints');

export interface SampleLog {
  readonly log: AuditLog;
  readonly store: CheckpointStore;
  readonly keys: SigningKeys;
}

/** Opens a log in a folder; clocks stand still but for what they are told. */
export async function openSampleLog(
  folder: string,
  now: () => number,
  database: AuditDatabase = openAuditDatabase({ path: databaseIn(folder) }),
): Promise<SampleLog> {
  const log = createAuditLog({
    database,
    recorder: { role: 'worker', version: '1 “käse” \u2028😀', instance: 'here:1' },
    now,
  });
  const keys = await loadSigningKeys(join(folder, 'audit.keys'));
  return { log, store: createFolderStore(checkpointsIn(folder)), keys };
}

export const WORKFLOWS = ['experiment-1', 'experiment-2', 'experiment-3'] as const;

/** Strings that trip up whoever writes JSON: controls, DEL, separators of lines, surrogate pairs, quotes. */
// No NUL in what becomes a subject: PostgreSQL’s text has none.
const HARD = '\u0000\b\t\n\f\r\u001f"\\/\u007f\u0080\u2028\u2029é漢😀\ufffd\uffff';

/** An event that looks like those of real runs, by its number. */
export function sampleEvent(chain: string, n: number): Recorded {
  const workflow = WORKFLOWS[n % WORKFLOWS.length] as string;
  const run = { 'temporal.workflow_id': workflow, 'temporal.run_id': `execution-${n % 5}` };
  const attempt = {
    ...run,
    ...{ 'temporal.activity': 'trainModel', 'temporal.activity_id': `${n}`, 'temporal.attempt': 1 },
  };
  const secret = committed({ text: `${HARD} ${n}` }, workflow);
  switch (n % 4) {
    case 0:
      return {
        ...{ name: 'tool.requested', chain, secrets: [secret] },
        fields: {
          ...{
            'user.id': `user-${n % 7} ${HARD}`,
            'request.id': `r-${n}`,
            'gen_ai.tool.name': 'train',
          },
          ...{ scopes: ['experiments:run', 'runs:read'], decision: 'allowed', rule: 'scopes' },
          ...{ 'arguments.commitment': secret.commitment, 'arguments.bytes': n },
        },
      };
    case 1:
      return {
        ...{ name: 'attempt.started', chain, secrets: [secret] },
        fields: { ...attempt, 'input.commitment': secret.commitment },
      };
    case 2:
      return {
        ...{ name: 'attempt.ended', chain },
        fields: {
          ...{
            ...attempt,
            outcome: 'completed',
            duration_ms: n,
            'mlflow.run_id': `run-${workflow}`,
          },
          'dataset.sha256': 'ab'.repeat(32),
        },
      };
    default:
      return {
        ...{ name: 'model.registered', chain },
        fields: {
          ...{ ...run, 'mlflow.run_id': `run-${workflow}`, 'mlflow.model_id': `m-${workflow}` },
          ...{ 'model.name': 'a model', 'model.version': `${n}`, champion: n % 2 === 1 },
          ...{ 'gate.metric': 'accuracy', 'gate.reason': `better ${HARD}` },
        },
      };
  }
}

export const EVENTS = 320;
/** A checkpoint after so many events. */
export const SPACING = 20;

/** Fills a log: 320 events of one chain with a checkpoint after each 20, and a short second chain. */
export async function fillSampleLog({ log, store, keys }: SampleLog): Promise<void> {
  for (let n = 0; n < EVENTS; n += SPACING) {
    const events = Array.from({ length: SPACING }, (_, at) => sampleEvent('default', n + at));
    await log.record(...events);
    await publishCheckpoint({ log, store, keys }, 'default');
  }
  await log.record(sampleEvent('acme', 0), sampleEvent('acme', 1));
  await publishCheckpoint({ log, store, keys }, 'acme');
}
