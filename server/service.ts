import type { PayloadCodec } from '@temporalio/common';

import type { AuditLog } from '../platform/audit/audit-log.ts';
import { openAudit } from '../platform/audit/open-audit.ts';
import { createSealer, loadSealKey } from '../platform/codec/sealing.ts';
import type { Logger } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics/create-metrics.ts';
import { measuredBlobs } from '../platform/metrics/measured-blobs.ts';
import { createBlobStoreFrom } from '../platform/storage/from-config.ts';
import { createTrackingServersFrom } from '../platform/tracking/from-config.ts';
import { openTracing } from '../platform/tracing/open-tracing.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import { isLoopback, type Config } from '../schemas/config.ts';
import { createCallAudit, type CallAudit } from './audit/call-audit.ts';
import { createRefusals, type Refusals } from './audit/refusals.ts';
import { createExperimentsOf } from './experiments/create-experiments.ts';
import { runLinksFrom } from '../platform/run-links.ts';
import type { ExperimentsOf } from './experiments/experiments-of.ts';
import { createLimits, type Limits } from './limits/create-limits.ts';
import { askedSeldom } from './limits/seldom-checks.ts';
import { countedRefusals } from './metrics/counted-refusals.ts';
import { measuredCalls } from './metrics/measured-calls.ts';
import { showServerGauges } from './metrics/server-gauges.ts';
import type { Neighbour } from './routes/health.ts';
import { createTemporalClient } from './temporal-client.ts';
import { createCallTool, type CallTool } from './tools/call-tool.ts';
import { TOOLS } from './tools/index.ts';
import type { Tool } from './tools/tool.ts';

/** The tools with everything behind them, ready for any door. */
export interface Service {
  readonly tools: readonly Tool[];
  readonly callTool: CallTool;
  readonly experimentsOf: ExperimentsOf;
  /** Undefined where no audit log is kept, as is the next. */
  readonly calls?: CallAudit | undefined;
  readonly refusals?: Refusals | undefined;
  readonly limits: Limits;
  readonly tracing: Tracing;
  readonly neighbours: readonly Neighbour[];
  /** What Temporal keeps of runs goes through it. */
  readonly codec: PayloadCodec;
  close(): Promise<void>;
}

/** For a request to MLflow while a caller waits; a step can be more patient. */
const MLFLOW_MILLISECONDS = 10_000;

/** Puts the service together. Connects lazily: an absent Temporal is a failed call, not a failed start. */
export async function createService(
  config: Config,
  logger: Logger,
  { concealing, metrics }: { readonly concealing: boolean; readonly metrics?: Metrics | undefined },
): Promise<Service> {
  const audit = await openAudit(config, { role: 'server', logger, metrics: metrics?.audit });
  const recording = audit && recordingIn(audit.log, logger, { open: !concealing });
  const tracing = await openTracing(config, { component: 'server', logger });
  const temporal = await createTemporalClient(config, tracing);
  const { client, connection } = temporal;
  const servers = createTrackingServersFrom(config, {
    timeoutMs: MLFLOW_MILLISECONDS,
    ...{ metrics: metrics?.tracking, tracing },
  });
  const blobs = measuredBlobs(await createBlobStoreFrom(config), metrics?.blobs);
  const limits = await createLimits(config, { client, blobs });
  const experimentsOfTenant = createExperimentsOf({
    client,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    blobs,
    onStarted: () => metrics?.experiments.started(),
    sealer: createSealer(await loadSealKey(config.sealKeyFile)),
    rawConnectionsAllowed: config.rawConnectionsAllowed,
    loopbackAllowed: isLoopback(config.HOST),
    concealing,
    inTurn: limits.inTurn,
    auditLog: audit?.log,
    encrypting: config.ENCRYPT_PAYLOADS,
    runTimeoutSeconds: config.RUN_TIMEOUT_SECONDS,
    checkTrackingUri: (uri) => (uri === undefined ? null : servers.normalise(uri)),
    tracking: (uri) => servers.clientFor(uri),
    links: runLinksFrom(config),
  });
  const experimentsOf: ExperimentsOf = (caller, announce) =>
    countedRefusals(
      limits.experiments(experimentsOfTenant(caller.tenant), caller, announce),
      metrics?.calls,
    );
  const neighbours = askedSeldom([
    {
      name: 'temporal',
      check: async (signal) => {
        await connection.withAbortSignal(signal, () =>
          connection.workflowService.getSystemInfo({}),
        );
      },
    },
    { name: 'mlflow', check: (signal) => servers.clientFor(undefined).health({ signal }) },
    ...(audit ? [{ name: 'audit', check: () => audit.log.check() }] : []),
  ]);
  showServerGauges(metrics, { client, taskQueue: config.TEMPORAL_TASK_QUEUE, neighbours });
  return {
    tools: TOOLS,
    callTool: measuredCalls(
      createCallTool({
        ...{ tools: TOOLS, experimentsOf, logger, tracing },
        calls: recording?.calls,
      }),
      TOOLS,
      metrics,
    ),
    ...recording,
    experimentsOf,
    ...{ limits, tracing },
    neighbours,
    codec: temporal.codec,
    async close() {
      await temporal.close();
      await limits.close();
      await recording?.refusals.close();
      await Promise.all([audit?.close(), tracing.close()]);
    },
  };
}

/** What records in a log: calls, and what is refused. */
function recordingIn(log: AuditLog, logger: Logger, { open }: { readonly open: boolean }) {
  const refusals = createRefusals({ log, logger });
  return { refusals, calls: createCallAudit({ log, refusals, open }) };
}
