import { z } from 'zod';

import { count, flag } from './setting-kinds.ts';

/** Days that a high-risk AI system's logs are kept at least (EU AI Act, articles 19 and 26(6): six months). */
const SIX_MONTHS = 183;

/** What the audit log goes by; docs/audit.md explains it. */
export const auditSettings = {
  AUDIT: flag
    .prefault('true')
    .describe('Record every call, attempt and change; nothing is done unrecorded.'),
  AUDIT_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'begins with postgresql://')
    .optional()
    .describe('PostgreSQL that servers and workers share; STATE_DIR/audit/audit.db when unset.'),
  AUDIT_CHECKPOINTS: z
    .string()
    .regex(
      /^(?:s3:\/\/[a-z0-9][a-z0-9.-]+(?:\/.*)?|(?![a-z0-9]+:\/\/).+)$/i,
      'is a folder or s3://bucket/prefix',
    )
    .optional()
    .describe(
      'Where signed checkpoints go, outside the database: a folder, or s3://bucket/prefix.',
    ),
  AUDIT_CHECKPOINT_SECONDS: count(60).describe('A chain that has grown is signed so often.'),
  AUDIT_OBJECT_LOCK_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('S3 object lock of each checkpoint, in compliance mode; none for 0.'),
  AUDIT_KEYS_FILE: z
    .string()
    .optional()
    .describe('Keys that sign checkpoints; STATE_DIR/keys/audit.keys, made at first use.'),
  AUDIT_RETENTION_DAYS: count(400).describe(
    'Events are kept so long at least; “audit prune” takes older ones.',
  ),
  AUDIT_LEGAL_FLOOR_DAYS: count(SIX_MONTHS).describe('Least that AUDIT_RETENTION_DAYS may be.'),
  TEMPORAL_RETENTION_DAYS: count(30).describe(
    'How long Temporal keeps ended runs; checked at each start. Histories are exported long before.',
  ),
} as const;

/** The events' retention may not undercut what the operator has named as the law's. */
export function checkAuditSettings(
  settings: { readonly AUDIT_RETENTION_DAYS: number; readonly AUDIT_LEGAL_FLOOR_DAYS: number },
  context: z.RefinementCtx,
): void {
  if (settings.AUDIT_RETENTION_DAYS >= settings.AUDIT_LEGAL_FLOOR_DAYS) return;
  context.addIssue({
    code: 'custom',
    path: ['AUDIT_RETENTION_DAYS'],
    message: `may not be less than AUDIT_LEGAL_FLOOR_DAYS, which is ${settings.AUDIT_LEGAL_FLOOR_DAYS}`,
  });
}
