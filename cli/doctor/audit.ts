import { hostname } from 'node:os';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { createAuditLog } from '../../platform/audit/audit-log.ts';
import { openCheckpointStore } from '../../platform/audit/checkpoint-store.ts';
import { auditFile, databaseOf } from '../../platform/audit/database/open-database.ts';
import { readCodeVersion } from '../../platform/code-version.ts';
import { S3_ADDRESS } from '../../platform/storage/s3-bucket.ts';
import type { Config } from '../../schemas/config.ts';
import { ok, problem, warning, type Check, type Finding } from './check.ts';
import { nearestFolder } from './nearest-folder.ts';

/** What statfs(2) calls file systems of other machines: NFS, SMB, CIFS and SMB2. */
const NETWORK_FILE_SYSTEMS = [0x6969, 0x517b, 0xff534d42, 0xfe534d42];

export const audit: Check = {
  name: 'audit log',
  async run({ config }) {
    if (!config.AUDIT) {
      return warning('No audit log is kept (AUDIT is off).', 'Set AUDIT=true to keep one.');
    }
    return Promise.all([database(config), checkpoints(config)]);
  },
};

async function database(config: Config): Promise<Finding> {
  const shared = config.AUDIT_DATABASE_URL !== undefined;
  const file = auditFile(config);
  if (!shared && NETWORK_FILE_SYSTEMS.includes(await fileSystemOf(dirname(file)))) {
    return problem(
      `The audit log is a SQLite file, ${file}, on a network file system: several processes would damage it.`,
      'Set AUDIT_DATABASE_URL to a PostgreSQL database, or STATE_DIR to a disk of this machine.',
    );
  }
  const version = await readCodeVersion();
  const instance = `${hostname()}:${process.pid}`;
  const log = createAuditLog({
    database: databaseOf(config),
    recorder: { role: 'command', version, instance },
    // Who looks wants an answer now.
    ...{ patienceMs: 2_000 },
  });
  try {
    await log.check();
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return problem(
      `The audit log’s database does not answer (${code}), and nothing is done unrecorded.`,
      shared ? 'Start it, or correct AUDIT_DATABASE_URL.' : `Let this user write ${file}.`,
    );
  } finally {
    await log.close();
  }
  return ok(
    shared
      ? 'The audit log’s PostgreSQL database answers.'
      : `The audit log is in ${file}: for servers and workers of this machine only.`,
  );
}

async function checkpoints(config: Config): Promise<Finding> {
  const place = config.auditCheckpoints;
  const found = await openCheckpointStore(config).list('keys/');
  if (!S3_ADDRESS.test(place) && !(await permits(await nearestFolder(resolve(place))))) {
    return problem(
      `Nothing can be written to AUDIT_CHECKPOINTS, ${place}.`,
      'Let this user write it, or set it to another folder, or to s3://bucket/prefix.',
    );
  }
  return ok(`The audit log’s checkpoints can be kept in ${place}; ${found.length} keys are there.`);
}

function permits(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function fileSystemOf(folder: string): Promise<number> {
  const { type } = await statfs(await nearestFolder(folder));
  return type;
}
