import type { Recorded } from '../platform/audit/new-event.ts';
import { openAudit } from '../platform/audit/open-audit.ts';
import { createLogger } from '../platform/logging.ts';
import type { Config } from '../schemas/config.ts';

/** Records what a command is about to change. @throws Failure AUDIT_UNAVAILABLE: then it must not */
export async function recordChange(config: Config, change: Recorded): Promise<void> {
  const logger = createLogger('command', 'silent');
  const audit = await openAudit(config, { role: 'command', logger });
  if (!audit) return;
  try {
    await audit.log.record(change);
  } finally {
    await audit.close();
  }
}
