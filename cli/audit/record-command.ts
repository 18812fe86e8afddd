import { userInfo } from 'node:os';

import type { Recorded } from '../../platform/audit/new-event.ts';
import { openAudit, type Audit } from '../../platform/audit/open-audit.ts';
import type { ChainVerdict } from '../../platform/audit/verification/finding.ts';
import { createLogger } from '../../platform/logging.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';

/** Whoever gives a command: the account of the operating system. */
export function operator(): { readonly 'user.id': string } {
  return { 'user.id': userInfo().username };
}

/** The log of the settings, for a command that can’t do without. @throws Failure INVALID_REQUEST where AUDIT is off */
export async function auditOrFail(config: Config): Promise<Audit> {
  const audit = await openAudit(config, {
    role: 'command',
    logger: createLogger('command', 'warn'),
  });
  if (audit) return audit;
  throw new Failure('INVALID_REQUEST', 'The audit log is switched off.', 'Set AUDIT=true.');
}

/**
 * Records what a command did, or is about to do; where AUDIT is off, nothing.
 * @throws Failure AUDIT_UNAVAILABLE: then it must not
 */
export async function recordCommand(
  config: Config,
  events: readonly Recorded[],
  level: 'warn' | 'silent' = 'warn',
): Promise<void> {
  const audit = await openAudit(config, {
    role: 'command',
    logger: createLogger('command', level),
  });
  try {
    await audit?.log.record(...events);
  } finally {
    await audit?.close();
  }
}

/** Records in each chain that it was verified, and what came of it. */
export async function recordVerified(
  verdicts: readonly ChainVerdict[],
  config: Config,
): Promise<void> {
  await recordCommand(
    config,
    verdicts.map(({ chain, size, root, findings }) => ({
      ...{ name: 'audit.verified', chain },
      fields: {
        ...operator(),
        'verified.size': size,
        'verified.root': root,
        outcome: findings.length === 0 ? 'completed' : 'failed',
      },
    })),
  );
}
