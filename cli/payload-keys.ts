// npm run payload-keys [rotate]: lists the keys of what Temporal keeps of runs, or adds one that encrypts from then on.
import { Connection } from '@temporalio/client';

import { withFileLock } from '../local/file-lock.mjs';
import { readOrMakeKeyFile, replaceKeyFile } from '../platform/codec/key-file.ts';
import {
  formatKeys,
  newPayloadKey,
  parseKeys,
  type PayloadKey,
} from '../platform/codec/keyring.ts';
import { temporalConnectionOptions } from '../platform/temporal-connection.ts';
import { SERVICE_CHAIN } from '../schemas/audit-event.ts';
import { operator, recordCommand } from './audit/record-command.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';

const DAY_MS = 86_400_000;

const config = configOrExit();
const path = config.payloadKeysFile;
const [command, ...rest] = process.argv.slice(2);
if ((command !== undefined && command !== 'rotate') || rest.length > 0) {
  console.error('Usage: npm run payload-keys [rotate]');
  process.exit(2);
}
try {
  const keys = command === 'rotate' ? await rotate() : await read();
  console.log(await description(keys));
  if (command === 'rotate') {
    console.log('\nRestart servers and workers: until then they may go on with the key before.');
  }
} catch (error) {
  exitWith(error);
}

async function read(): Promise<PayloadKey[]> {
  return parseKeys(await readOrMakeKeyFile(path, () => formatKeys([newPayloadKey()])), path);
}

async function rotate(): Promise<PayloadKey[]> {
  await read();
  // Of two at once, neither may lose the other's key: something may be encrypted with it already.
  return withFileLock(`${path}.lock`, {}, async () => {
    const added = newPayloadKey();
    const keys = [added, ...(await read())];
    await recordCommand(
      config,
      [
        {
          ...{ name: 'payload_key.rotated', chain: SERVICE_CHAIN },
          fields: { ...operator(), 'key.id': added.id },
        },
      ],
      'silent',
    );
    await replaceKeyFile(path, formatKeys(keys));
    return keys;
  });
}

async function description(keys: readonly PayloadKey[]): Promise<string> {
  const retention = await retentionDays();
  const lines = keys.map(({ id, addedAt }, index) => {
    const added = `${id}  added ${addedAt.toISOString()}`;
    const replacedBy = keys[index - 1];
    if (!replacedBy) return `${added}  encrypts`;
    return `${added}  decrypts; ${removal(replacedBy.addedAt, retention)}`;
  });
  // Whether blobs were encrypted is a setting of servers and workers, which this shell need not have.
  const blobs = 'Keep every key that was there while ENCRYPT_BLOBS was on: its blobs need it.';
  return [`Keys in ${path}:`, ...lines, ...(keys.length > 1 ? [blobs] : [])].join('\n');
}

/** A run that began before the rotation may last, be retried, and is kept for the retention after its end. */
function removal(replacedAt: Date, retention: number | undefined): string {
  const when = 'remove it when Temporal holds no run from before, nor a retry of one';
  if (retention === undefined) return when;
  const longest = 1000 * config.RUN_TIMEOUT_SECONDS + (1 + retention) * DAY_MS;
  const day = new Date(replacedAt.getTime() + longest).toISOString().slice(0, 10);
  return `${when}: not before ${day} (retention ${retention} days)`;
}

/** How long the namespace keeps runs that have ended; undefined when Temporal does not answer. */
async function retentionDays(): Promise<number | undefined> {
  try {
    const options = { ...temporalConnectionOptions(config), connectTimeout: '2 seconds' } as const;
    const connection = await Connection.connect(options);
    try {
      const { config: namespace } = await connection.workflowService.describeNamespace({
        namespace: config.TEMPORAL_NAMESPACE,
      });
      return Number(namespace?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}
