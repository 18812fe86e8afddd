import type { Logger } from '../../logging.ts';
import type { TemporalAccess } from './temporal-access.ts';

const SECONDS_PER_DAY = 86_400;

/** Days that the namespace keeps ended runs. */
export async function readTemporalRetention({
  connection,
  namespace,
}: Omit<TemporalAccess, 'taskQueue'>): Promise<number> {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / SECONDS_PER_DAY;
}

/** Sets how many days the namespace keeps ended runs. */
export async function setTemporalRetention(
  { connection, namespace }: Omit<TemporalAccess, 'taskQueue'>,
  days: number,
): Promise<void> {
  const seconds = days * SECONDS_PER_DAY;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: { seconds: seconds as never } },
  });
}

/** Warns, in one line, of a namespace that keeps ended runs shorter than the setting says. */
export async function checkTemporalRetention(
  access: Omit<TemporalAccess, 'taskQueue'>,
  { days, logger }: { readonly days: number; readonly logger: Logger },
): Promise<void> {
  const kept = await readTemporalRetention(access);
  if (kept >= days) return;
  logger.warn(
    { namespace: access.namespace, days: kept, wanted: days },
    'Temporal keeps ended runs shorter than TEMPORAL_RETENTION_DAYS: “durable-experiments audit retention --set” mends it',
  );
}
