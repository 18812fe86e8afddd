import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';

import { Runtime } from '@temporalio/worker';

import { startHistoryExport } from '../platform/audit/histories/start-history-export.ts';
import { openAudit } from '../platform/audit/open-audit.ts';
import { readCodeVersion } from '../platform/code-version.ts';
import { createDataConverter } from '../platform/codec/data-converter.ts';
import { createSealer, loadSealKey } from '../platform/codec/sealing.ts';
import { readDependenciesHash } from '../platform/dependencies-hash.ts';
import type { Logger } from '../platform/logging.ts';
import { runLinksFrom } from '../platform/run-links.ts';
import { createBlobSealing } from '../platform/storage/blob-sealing.ts';
import { createFileStore } from '../platform/storage/file-store.ts';
import { createTrackingServersFrom } from '../platform/tracking/from-config.ts';
import { connectWorker } from '../platform/worker-connection.ts';
import { isLoopback, type Config } from '../schemas/config.ts';
import { attemptInterceptor } from './attempts.ts';
import { createAuditedAttempts } from './audit/audited-attempts.ts';
import { historyFactsFrom } from './audit/history-facts.ts';
import { createComputePool } from './compute/compute-pool.ts';
import { createMemoryBudget, standardMemoryBytes } from './compute/memory-budget.ts';
import { activityFailure } from './failures.ts';
import { heartbeats } from './heartbeats.ts';
import { createActivities } from './index.ts';
import { createReaderPool } from './sources/child/reader-pool.ts';
import { loadConnections } from './sources/connections.ts';
import { createQueueWorkers } from './queue-workers.ts';
import { sdkLogger } from './sdk-logger.ts';
import { createSourceReader } from './sources/source-reader.ts';

export interface RunningWorker {
  /** Resolves when the worker has stopped. */
  readonly stopped: Promise<void>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Where named connections find the passwords that they keep in variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Puts a worker together and starts it; resolves when it polls. */
export async function startWorker({
  config,
  logger,
  environment,
}: WorkerOptions): Promise<RunningWorker> {
  Runtime.install({
    // cli/ decides what a signal means: without this the SDK would stop the worker on its own.
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
    logger: sdkLogger(logger),
  });
  const connection = await connectWorker(config);
  const blobs = createFileStore(config.blobStore, await createBlobSealing(config));
  await blobs.sweepScratch();
  const sources = createSourceReader({
    dataRoots: config.DATA_ROOTS,
    connections: await loadConnections(config.CONNECTIONS_FILE, environment),
    sealer: createSealer(await loadSealKey(config.sealKeyFile)),
    blobs,
    rawConnectionsAllowed: config.rawConnectionsAllowed,
    loopbackAllowed: isLoopback(config.HOST),
    allowedDatabaseHosts: config.ALLOWED_DATABASE_HOSTS,
    pool: createReaderPool({ cacheFolder: resolve(config.STATE_DIR, 'cache') }),
  });
  const compute = createComputePool(
    availableParallelism(),
    createMemoryBudget(config.WORKER_MEMORY_BYTES ?? standardMemoryBytes()),
  );
  const tracking = createTrackingServersFrom(config, {
    beforeSending: () => heartbeats()?.demandAlive(),
  });
  const access = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
  };
  const audit = await openAudit(config, { role: 'worker', logger });
  const audited =
    audit &&
    createAuditedAttempts(audit.log, {
      historyFacts: historyFactsFrom(access),
      dependenciesHash: await readDependenciesHash(),
    });
  const dataConverter = await createDataConverter(config, {
    asError: (failure) => activityFailure(failure, '', 0),
  });
  const activities = createActivities({
    blobs,
    sources,
    compute,
    trainThreads: config.TRAIN_THREADS ?? availableParallelism(),
    checkpointSeconds: config.CHECKPOINT_SECONDS,
    limits: {
      maxRows: config.MAX_ROWS,
      maxBytes: config.MAX_SOURCE_BYTES,
      maxColumns: config.MAX_COLUMNS,
      maxClasses: config.MAX_CLASSES,
      queryTimeoutSeconds: config.QUERY_TIMEOUT_SECONDS,
    },
    tracking: (uri) => tracking.clientFor(uri ?? undefined),
    codeVersion: audit?.log.recorder.version ?? (await readCodeVersion()),
    audit,
    links: runLinksFrom(config),
  });
  const workers = await createQueueWorkers({
    ...{ config, connection, activities, dataConverter, logger },
    interceptors: [attemptInterceptor(logger, audited)],
  });
  const histories =
    audit &&
    startHistoryExport({
      ...{ access, blobs, log: audit.log, config, logger },
    });
  const stopped = workers.run().finally(async () => {
    await histories?.stop();
    await Promise.all([compute.close(), sources.close(), audit?.close(), connection.close()]);
  });
  return {
    stopped,
    async stop() {
      workers.shutdown();
      await stopped;
    },
  };
}
