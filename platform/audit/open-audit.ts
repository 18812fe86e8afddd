import { hostname } from 'node:os';
import { setInterval } from 'node:timers';

import type { Config } from '../../schemas/config.ts';
import { readKeyFile } from '../codec/key-file.ts';
import { readCodeVersion } from '../code-version.ts';
import type { Logger } from '../logging.ts';
import type { AuditMetrics } from '../metrics/audit-metrics.ts';
import { measuredAudit } from '../metrics/measured-audit.ts';
import type { UnsignedEvents } from '../metrics/unsigned-events.ts';
import { createAuditLog, type AuditLog } from './audit-log.ts';
import type { Recorder } from './new-event.ts';
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpointStore } from './checkpoint-store.ts';
import { databaseOf } from './database/open-database.ts';
import { chainsOf, publishCheckpoint, type CheckpointDependencies } from './publish-checkpoint.ts';
import { serviceStarted } from './service-start.ts';
import { loadSigningKeys, unsavedSigningKeys, type SigningKeys } from './signing-keys.ts';

/** The audit log of a process, with what signs it. */
export interface Audit extends Required<Pick<CheckpointDependencies, 'log' | 'keys' | 'store'>> {
  /** Signs what is new, unless others have to, then closes. */
  close(): Promise<void>;
}

/** Opens the log of the settings for whoever records in it; undefined where AUDIT is off. */
export async function openAudit(
  config: Config,
  {
    role,
    logger,
    metrics,
  }: {
    readonly role: Recorder['role'];
    readonly logger: Logger;
    readonly metrics?: AuditMetrics | undefined;
  },
): Promise<Audit | undefined> {
  if (!config.AUDIT) return undefined;
  const shares = role === 'command' && config.AUDIT_DATABASE_URL !== undefined;
  const { keys, signs } = shares ? await givenKeys(config) : await ownKeys(config);
  const store = openCheckpointStore(config);
  const plain = createAuditLog({
    database: databaseOf(config),
    recorder: {
      role,
      version: await readCodeVersion(),
      instance: `${hostname()}:${process.pid}`,
    },
  });
  const { log, signing } = measuredAudit(plain, metrics);
  const keep = signs ? keepSigning({ log, keys, store, signing }, config, logger) : undefined;
  return {
    ...{ log, keys, store },
    async close() {
      await keep?.stop();
      await log.close();
    },
  };
}

interface AuditKeys {
  readonly keys: SigningKeys;
  /** Whether what they sign is known to whoever verifies the log. */
  readonly signs: boolean;
}

async function ownKeys({ auditKeysFile }: Config): Promise<AuditKeys> {
  return { keys: await loadSigningKeys(auditKeysFile), signs: true };
}

/**
 * For a command beside servers and workers: it signs only with the keys, and to the checkpoints, that it was given, and
 * leaves no key behind that the next one would take for theirs. Otherwise they sign what it has recorded.
 */
async function givenKeys(config: Config): Promise<AuditKeys> {
  const text = await readKeyFile(config.auditKeysFile);
  if (text === undefined) return { keys: unsavedSigningKeys(), signs: false };
  const given = config.AUDIT_KEYS_FILE !== undefined && config.AUDIT_CHECKPOINTS !== undefined;
  return { ...(await ownKeys(config)), signs: given };
}

/** Tells of the start, and signs every chain that has grown, again and again; trouble is logged and tried anew. */
function keepSigning(
  deps: CheckpointDependencies & { readonly log: AuditLog } & Pick<UnsignedEvents, 'signing'>,
  config: Config,
  logger: Logger,
) {
  // A command is no service, and tells of what it does itself.
  let told = deps.log.recorder.role === 'command';
  let going: Promise<void> | undefined;
  const newest = new Map<string, Checkpoint>();
  const sign = async (): Promise<void> => {
    const ended = deps.signing();
    let allSigned = true;
    const unsigned = (error: unknown): void => {
      allSigned = false;
      logger.error({ err: error }, 'the audit log could not be signed');
    };
    try {
      await deps.log.ready();
      if (!told) await deps.log.record(await serviceStarted(deps.log, config));
      told = true;
      for (const chain of await chainsOf(deps.log)) {
        await publishCheckpoint({ ...deps, newest }, chain).catch(unsigned);
      }
    } catch (error) {
      unsigned(error);
    }
    ended(allSigned);
  };
  const next = (): Promise<void> => (going ??= sign().finally(() => (going = undefined)));
  const timer = setInterval(() => void next(), 1000 * config.AUDIT_CHECKPOINT_SECONDS).unref();
  void next();
  return {
    async stop() {
      clearInterval(timer);
      await going;
      await sign();
    },
  };
}
