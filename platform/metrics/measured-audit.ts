import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import { createUnsignedEvents, type UnsignedEvents } from './unsigned-events.ts';

/** The same log, which counts and times its appends, and what tells how far its signing lags behind. */
export function measuredAudit(
  log: AuditLog,
  metrics: AuditMetrics | undefined,
): { readonly log: AuditLog; readonly signing: UnsignedEvents['signing'] } {
  const unsigned = createUnsignedEvents();
  metrics?.lagBy(() => unsigned.seconds());
  return {
    log: {
      ...log,
      async record(...events) {
        const startedAt = performance.now();
        try {
          await log.record(...events);
        } catch (error) {
          metrics?.failed('append');
          throw error;
        }
        metrics?.appended(events.length, (performance.now() - startedAt) / 1000);
        // A checkpoint’s own event is no reason for another one.
        if (events.some(({ name }) => name !== 'audit.checkpoint')) unsigned.appended();
      },
    },
    signing() {
      const ended = unsigned.signing();
      return (allSigned) => {
        if (!allSigned) metrics?.failed('sign');
        ended(allSigned);
      };
    },
  };
}
