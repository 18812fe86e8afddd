import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { inject } from 'vitest';

import { writeDemoData } from '../../examples/demo-data.ts';
import { freePort } from '../../local/ports.ts';
import { openAuditDatabase } from '../../platform/audit/database/open-database.ts';
import { createBlobStoreFrom } from '../../platform/storage/from-config.ts';
import { readConfig } from '../../schemas/config.ts';
import { startPostgres } from '../support/postgres.ts';
import { startProductProcess, type ProductProcess } from '../support/product-process.ts';
import { startS3Server } from '../support/s3-server.ts';
import type { Installation } from './installation.ts';
import { CANARY } from './requests.ts';
import { usePassword } from './use-password.ts';

/** A process of the fleet on a machine of its own: it shares no disk with the others but the data to read. */
export interface Member {
  readonly component: 'server' | 'worker';
  readonly process: ProductProcess;
  /** Power off: kill -9, and the disk is gone. */
  lose(): Promise<void>;
}

/** Several servers and workers that share Temporal, MLflow, PostgreSQL, S3 and keys. */
export interface Fleet extends Installation {
  readonly servers: readonly Member[];
  readonly workers: readonly Member[];
  start(
    component: Member['component'],
    settings?: Readonly<Record<string, string>>,
  ): Promise<Member>;
  close(): Promise<void>;
}

const BUCKET = 'experiments';

/** On the test run's Temporal and MLflow; all else is its own. */
export async function openFleet({
  servers: serverCount,
  workers: workerCount,
}: {
  readonly servers: number;
  readonly workers: number;
}): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  const [data, keys] = [join(folder, 'data'), join(folder, 'keys')];
  await Promise.all([writeDemoData(data), mkdir(keys, { mode: 0o700 })]);
  const [postgres, s3] = await Promise.all([startPostgres(), startS3Server(inject('python'))]);
  await fetch(`${s3.environment['AWS_ENDPOINT_URL']}/${BUCKET}`, { method: 'PUT' });
  await usePassword(postgres.connection, CANARY);
  const auditUrl = await createAuditDatabase(postgres.connection);
  const mlflow = inject('mlflow');
  const settings = {
    ...{ DATA_ROOTS: data, MLFLOW_TRACKING_URI: mlflow },
    TEMPORAL_ADDRESS: inject('temporal'),
    TEMPORAL_TASK_QUEUE: `fleet-${randomUUID()}`,
    BLOB_STORE: `s3://${BUCKET}/blobs`,
    AUDIT_DATABASE_URL: auditUrl,
    AUDIT_CHECKPOINTS: `s3://${BUCKET}/checkpoints`,
    AUDIT_KEYS_FILE: join(keys, 'audit.keys'),
    SEAL_KEY_FILE: join(keys, 'seal.key'),
    PAYLOAD_KEYS_FILE: join(keys, 'payload.keys'),
    ...s3.environment,
  };
  const connection = await Connection.connect({ address: settings.TEMPORAL_ADDRESS });
  const audit = openAuditDatabase({ url: auditUrl });
  Object.assign(process.env, s3.environment);
  const blobs = await createBlobStoreFrom(
    readConfig({ ...settings, STATE_DIR: join(folder, 'test') }),
  );

  const members: Member[] = [];
  const urls = new Map<Member, string>();
  const alive = new Set<Member>();
  const start: Fleet['start'] = async (component, more = {}) => {
    const disk = join(folder, `${component}-${members.length}`);
    const port = await freePort();
    const own = { STATE_DIR: disk, PORT: String(port) };
    const process = await startProductProcess(component, { ...settings, ...own, ...more });
    const member: Member = {
      ...{ component, process },
      async lose() {
        alive.delete(member);
        await process.kill();
        await rm(disk, { recursive: true, force: true, maxRetries: 5 });
      },
    };
    members.push(member);
    alive.add(member);
    if (component === 'server') urls.set(member, `http://127.0.0.1:${port}`);
    return member;
  };
  // It makes the keys that all share.
  const first = await start('server');
  const others = await Promise.all([
    ...Array.from({ length: serverCount - 1 }, () => start('server')),
    ...Array.from({ length: workerCount }, () => start('worker')),
  ]);
  const all = [first, ...others];
  let asked = 0;
  return {
    ...{ mlflow, settings, audit, start },
    // As a load balancer that has not noticed yet who is gone.
    get url() {
      const each = [...urls.values()];
      return each[asked++ % each.length] as string;
    },
    temporal: new Client({ connection }),
    postgres: postgres.connection,
    blobsOf: (workflowId) => blobs.list(`runs/${workflowId}/`),
    said: () => members.map(({ process }) => process.said()).join('\n'),
    servers: all.filter(({ component }) => component === 'server'),
    workers: all.filter(({ component }) => component === 'worker'),
    async close() {
      await Promise.all(members.map(({ process }) => process.kill()));
      await Promise.all([connection.close(), audit.tables.destroy()]);
      await Promise.all([postgres.stop(), s3.stop()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function createAuditDatabase({ host, port }: Installation['postgres']): Promise<string> {
  const client = new pg.Client({
    ...{ host, port, user: 'admin', password: 'admin', database: 'postgres' },
  });
  await client.connect();
  await client.query(`create role audit login password 'audit'`);
  await client.query('create database audit owner audit');
  await client.end();
  return `postgresql://audit:audit@${host}:${port}/audit`;
}
