import { existsSync } from 'node:fs';

import type { Config } from '../../../schemas/config.ts';
import { auditFile, openAuditDatabase, type AuditDatabase } from '../database/open-database.ts';

/** The audit log of the settings, for those who only read it; undefined where nothing was ever recorded. */
export function auditToRead(config: Config): AuditDatabase | undefined {
  const { AUDIT_DATABASE_URL: url } = config;
  if (url !== undefined) return openAuditDatabase({ url });
  const path = auditFile(config);
  return existsSync(path) ? openAuditDatabase({ path, readOnly: true }) : undefined;
}
