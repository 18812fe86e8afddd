import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';

import { Runtime } from '@temporalio/worker';

import { startHistoryExport } from '../platform/audit/histories/start-history-export.ts';
import { openAudit } from '../platform/audit/open-audit.ts';
import { readCodeVersion } from '../platform/code-version.ts';
import { createDataConverter } from '../platform/codec/data-converter.ts';
import { createSealer, loadSealKey } from '../platform/codec/sealing.ts';
import { readDependenciesHash } from '../platform/dependencies-hash.ts';
import { workerVersionFrom } from '../platform/deployment/worker-version.ts';
import type { Logger } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics/create-metrics.ts';
import { measuredBlobs } from '../platform/metrics/measured-blobs.ts';
import { runLinksFrom } from '../platform/run-links.ts';
import { createBlobStoreFrom } from '../platform/storage/from-config.ts';
import { createTrackingServersFrom } from '../platform/tracking/from-config.ts';
import { openTracing } from '../platform/tracing/open-tracing.ts';
import { connectWorker } from '../platform/worker-connection.ts';
import { isLoopback, type Config } from '../schemas/config.ts';
import { attemptInterceptor } from './attempts.ts';
import { createAuditedAttempts } from './audit/audited-attempts.ts';
import { historyFactsFrom } from './audit/history-facts.ts';
import { createComputePool } from './compute/compute-pool.ts';
import { createMemoryBudget, standardMemoryBytes } from './compute/memory-budget.ts';
import { followDeployment } from './deployed-version.ts';
import { countedRuns } from './counted-runs.ts';
import { activityFailure } from './failures.ts';
import { heartbeats } from './heartbeats.ts';
import { createActivities } from './index.ts';
import { createReaderPool } from './sources/child/reader-pool.ts';
import { loadConnections } from './sources/connections.ts';
import { createQueueWorkers } from './queue-workers.ts';
import { sdkLogger } from './sdk-logger.ts';
import { withSdkMetrics } from './sdk-metrics.ts';
import { createSourceReader } from './sources/source-reader.ts';
import { tracedAttempts } from './traced-attempts.ts';
import { tracedRuns } from './traced-runs.ts';

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
  /** Nothing is counted without them. */
  readonly metrics?: Metrics | undefined;
}

/** Puts a worker together and starts it; resolves when it polls. */
export async function startWorker({
  config,
  logger,
  environment,
  metrics,
}: WorkerOptions): Promise<RunningWorker> {
  withSdkMetrics(metrics, (telemetry) =>
    Runtime.install({
      // cli/ decides what a signal means: without this the SDK would stop the worker on its own.
      shutdownSignals: [],
      // By it, and not by its questions for work, a busy worker is told from one that is gone.
      workerHeartbeatInterval: '10 seconds',
      telemetryOptions: {
        logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} },
        ...telemetry,
      },
      logger: sdkLogger(logger),
    }),
  );
  const connection = await connectWorker(config);
  const blobs = measuredBlobs(await createBlobStoreFrom(config, { caching: true }), metrics?.blobs);
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
  metrics?.saturation.compute(() => compute.load());
  const tracing = await openTracing(config, { component: 'worker', logger });
  const tracking = createTrackingServersFrom(config, {
    ...{ metrics: metrics?.tracking, tracing },
    beforeSending: () => heartbeats()?.demandAlive(),
  });
  const access = {
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
  };
  const audit = await openAudit(config, { role: 'worker', logger, metrics: metrics?.audit });
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
  const version = await workerVersionFrom(config);
  const workers = await createQueueWorkers({
    ...{ config, connection, activities, dataConverter, logger },
    interceptors: [tracedAttempts(tracing), attemptInterceptor(logger, audited)],
    onRunEnd: [tracedRuns(tracing), ...(metrics ? [countedRuns(metrics)] : [])],
    ...{ version, metrics },
  });
  const histories =
    audit &&
    startHistoryExport({
      ...{ access, blobs, log: audit.log, config, logger },
    });
  const running = workers.run();
  const deployed =
    version &&
    followDeployment({
      ...{ access, version, logger, identity: `${process.pid}@${hostname()}` },
      retire: () => workers.shutdown(),
    });
  const stopped = running.finally(async () => {
    await Promise.all([histories?.stop(), deployed?.stop()]);
    await Promise.all([compute.close(), sources.close(), audit?.close(), connection.close()]);
    await tracing.close();
  });
  return {
    stopped,
    async stop() {
      workers.shutdown();
      await stopped;
    },
  };
}
