import type { AuditDatabase } from '../../platform/audit/database/open-database.ts';
import { allAbout } from '../../platform/audit/lineage/find-events.ts';
import { runVersions, type RunVersions } from '../../platform/audit/lineage/run-versions.ts';
import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { TAGS } from '../../schemas/names.ts';
import type { RunRecord } from './run-record.ts';

export interface KnownVersionsDependencies {
  /** Undefined where there is no audit log. */
  readonly audit: AuditDatabase | undefined;
  readonly tracking: (uri: string | undefined) => Pick<MlflowClient, 'getRun'>;
}

const NONE: RunVersions = { code: [], dependencies: [], node: [] };

/** What a run was computed with: by the audit log, else by its tag in MLflow, as far as either tells. */
export async function knownVersions(
  { audit, tracking }: KnownVersionsDependencies,
  { workflowId, request, opened }: RunRecord,
): Promise<RunVersions> {
  const { tenant: chain = DEFAULT_TENANT, trackingUri } = request;
  const audited = async (database: AuditDatabase): Promise<RunVersions> =>
    runVersions(database, await allAbout(database, { chain, subject: `workflow:${workflowId}` }));
  // Remarks beside the verdict: neither system’s absence may keep it back.
  const versions = audit ? await audited(audit).catch(() => NONE) : NONE;
  if (versions.code.length > 0 || !opened) return versions;
  const run = await Promise.resolve()
    .then(() => tracking(trackingUri ?? undefined).getRun(opened.runId))
    .catch(() => undefined);
  const tag = run?.tags[TAGS.codeVersion];
  return { ...versions, code: tag === undefined ? [] : [tag] };
}
