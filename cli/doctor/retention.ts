import { readTemporalRetention } from '../../platform/audit/histories/temporal-retention.ts';
import { askTemporal, ok, problem, warning, type Check } from './check.ts';

export const retention: Check = {
  name: 'retention',
  run: askTemporal(async ({ connection, namespace }, { config }) => {
    const days = await readTemporalRetention({ connection, namespace });
    const wanted = config.TEMPORAL_RETENTION_DAYS;
    if (days < wanted) {
      return problem(
        `Temporal keeps ended runs for ${days} days, and TEMPORAL_RETENTION_DAYS is ${wanted}: they can’t be retried as long.`,
        '“durable-experiments audit retention --set” mends it.',
      );
    }
    if (config.AUDIT && config.AUDIT_RETENTION_DAYS < days) {
      return warning(
        `The audit log’s events are kept for ${config.AUDIT_RETENTION_DAYS} days, runs in Temporal for ${days}.`,
        'Set AUDIT_RETENTION_DAYS to at least as many.',
      );
    }
    if (config.RUN_TIMEOUT_SECONDS > days * 86_400) {
      return warning(
        `A run may last longer (RUN_TIMEOUT_SECONDS) than Temporal keeps ended ones (${days} days).`,
        'Keep them longer: what a retry of such a run needs may be gone.',
      );
    }
    return ok(`Temporal keeps ended runs for ${days} days.`);
  }),
};
