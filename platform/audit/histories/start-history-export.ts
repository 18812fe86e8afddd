import { setTimeout } from 'node:timers';

import type { Config } from '../../../schemas/config.ts';
import type { Logger } from '../../logging.ts';
import type { ExportDependencies } from './export-history.ts';
import { createHistorySweep } from './history-sweep.ts';
import { checkTemporalRetention } from './temporal-retention.ts';

export interface HistoryExportOptions extends ExportDependencies {
  readonly config: Pick<Config, 'AUDIT_RETENTION_DAYS' | 'TEMPORAL_RETENTION_DAYS'>;
  readonly logger: Logger;
  readonly everySeconds?: number;
}

/** Between two steps while there is more to do. */
const SOON_MS = 1000;
const LONGEST_STEP_MS = 60_000;

/**
 * Copies the history of every run that has ended into the blob store, long before Temporal forgets it. Any number
 * of processes may do so at the same time; whatever is away is tried anew.
 */
export function startHistoryExport(options: HistoryExportOptions): { stop(): Promise<void> } {
  const { access, config, logger, everySeconds = 60 } = options;
  const everyMs = 1000 * everySeconds;
  const step = createHistorySweep({ ...options, retentionDays: config.AUDIT_RETENTION_DAYS });
  const stopping = new AbortController();
  let checked = false;
  let failing = false;
  let timer: NodeJS.Timeout | undefined;
  let going = Promise.resolve();

  async function once(): Promise<number> {
    if (!checked) {
      await checkTemporalRetention(access, { days: config.TEMPORAL_RETENTION_DAYS, logger });
      checked = true;
    }
    const { more, trouble } = await step();
    failing = false;
    if (trouble !== undefined) logger.warn({ err: trouble }, 'a history could not be exported');
    return more ? Math.min(SOON_MS, everyMs) : everyMs;
  }

  function plan(afterMs: number): void {
    timer = setTimeout(() => {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LONGEST_STEP_MS)]);
      going = access.connection
        .withAbortSignal(signal, once)
        .catch((error: unknown) => {
          // Said once, however long Temporal is away.
          const level = failing || stopping.signal.aborted ? 'debug' : 'warn';
          logger[level]({ err: error }, 'histories of ended runs could not be exported');
          failing = true;
          return everyMs;
        })
        .then((next) => {
          if (!stopping.signal.aborted) plan(next);
        });
    }, afterMs).unref();
  }

  // Processes that start together shall not all look at the same moment.
  plan(Math.random() * everyMs);
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await going;
    },
  };
}
