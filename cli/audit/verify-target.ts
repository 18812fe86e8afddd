import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { isCheckpointName } from '../../platform/audit/checkpoint-name.ts';
import { createFolderStore, openCheckpointStore } from '../../platform/audit/checkpoint-store.ts';
import {
  auditFile,
  databaseOf,
  openAuditDatabase,
  type AuditDatabase,
} from '../../platform/audit/database/open-database.ts';
import { EXPORT_FILES } from '../../platform/audit/export/manifest.ts';
import { linesOf } from '../../platform/audit/verification/lines.ts';
import type { CheckpointSource } from '../../platform/audit/verification/signed-checkpoints.ts';
import {
  receiptSchema,
  type ReceiptToVerify,
} from '../../platform/audit/verification/verify-receipt.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';

/** What is verified, opened for reading only, with the texts of the key statements that lie beside it. */
export type Target = { readonly statements: ReadonlyMap<string, string> } & (
  | { readonly kind: 'export'; readonly folder: string }
  | { readonly kind: 'receipt'; readonly receipt: ReceiptToVerify }
  | {
      readonly kind: 'database';
      readonly database: AuditDatabase;
      readonly checkpoints: CheckpointSource;
      /** The log of the settings, in which its verification is recorded. */
      readonly own: boolean;
    }
);

interface Wanted {
  /** Undefined for the log of the settings. */
  readonly place: string | undefined;
  /** Folder or s3:// address of the checkpoints; where they lie by default otherwise. */
  readonly checkpoints: string | undefined;
  readonly config: () => Config;
}

/** Finds out what a place holds. @throws Failure INVALID_REQUEST when it is nothing that can be verified */
export async function openTarget(wanted: Wanted): Promise<Target> {
  const { place } = wanted;
  if (place === undefined) return databaseTarget(ownDatabase(wanted.config()), wanted, true);
  if (/^postgres(ql)?:\/\//.test(place)) {
    return databaseTarget(openAuditDatabase({ url: place }), wanted, false);
  }
  if (!existsSync(place)) throw unknown(place, 'There is nothing there.');
  if (existsSync(join(place, EXPORT_FILES.manifest))) return exportTarget(place);
  if (statSync(place).isDirectory()) throw unknown(place, `It has no ${EXPORT_FILES.manifest}.`);
  if (place.endsWith('.json')) return receiptTarget(place);
  return databaseTarget(
    openAuditDatabase({ path: untouched(place), readOnly: true }),
    wanted,
    false,
  );
}

/** Not to be made by being looked at. */
function ownDatabase(config: Config): AuditDatabase {
  if (config.AUDIT_DATABASE_URL !== undefined) return databaseOf(config);
  return openAuditDatabase({ path: auditFile(config), readOnly: true });
}

/** Without a write-ahead log nobody writes: SQLite then needs no files of its own beside the database. */
function untouched(path: string): string {
  const log = `${path}-wal`;
  const idle = !existsSync(log) || statSync(log).size === 0;
  return idle ? `${pathToFileURL(path).href}?immutable=1` : path;
}

async function databaseTarget(
  database: AuditDatabase,
  wanted: Wanted,
  own: boolean,
): Promise<Target> {
  const checkpoints = checkpointsOf(wanted);
  const statements = new Map<string, string>();
  for (const name of await checkpoints.list('keys/')) {
    // A tenant may be named so, too.
    if (!isCheckpointName(name)) statements.set(name, await checkpoints.get(name));
  }
  return { kind: 'database', database, checkpoints, own, statements };
}

function checkpointsOf({ place, checkpoints, config }: Wanted): CheckpointSource {
  if (checkpoints !== undefined)
    return openCheckpointStore({ ...config(), auditCheckpoints: checkpoints });
  const beside = place === undefined ? undefined : join(dirname(resolve(place)), 'checkpoints');
  return beside !== undefined && existsSync(beside)
    ? createFolderStore(beside)
    : openCheckpointStore(config());
}

async function exportTarget(folder: string): Promise<Target> {
  const statements = new Map<string, string>();
  for await (const line of linesOf(join(folder, EXPORT_FILES.keys))) {
    statements.set(`${EXPORT_FILES.keys} line ${statements.size + 1}`, line);
  }
  return { kind: 'export', folder, statements };
}

async function receiptTarget(path: string): Promise<Target> {
  const receipt = receiptOf(await readFile(path, 'utf8'));
  if (!receipt) throw unknown(path, 'It has not the form of a receipt.');
  const statements = receipt.keys.map(
    (key, at) => [`${basename(path)} key ${at + 1}`, JSON.stringify(key)] as const,
  );
  return { kind: 'receipt', receipt, statements: new Map(statements) };
}

function receiptOf(text: string): ReceiptToVerify | undefined {
  try {
    return receiptSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function unknown(place: string, why: string): Failure {
  return new Failure(
    'INVALID_REQUEST',
    `${place} can’t be verified. ${why}`,
    'Name a folder that “audit export” wrote, a receipt.json, an audit.db or postgresql://….',
  );
}
