import type { TemporalAccess } from '../audit/histories/temporal-access.ts';
import { isNotFound } from '../audit/histories/temporal-access.ts';

/** What Temporal says of a version, in its order. */
const STATUSES = [
  'unknown',
  'inactive',
  'current',
  'ramping',
  'draining',
  'drained',
  'created',
] as const;
export type VersionStatus = (typeof STATUSES)[number];

export interface DeployedVersion {
  readonly buildId: string;
  readonly status: VersionStatus;
  /** Percent of new work that a ramping version is given. */
  readonly percentage: number | undefined;
}

/** A Worker Deployment as Temporal has it. */
export interface DeploymentState {
  /** The newest first. */
  readonly versions: readonly DeployedVersion[];
  readonly current: string | undefined;
  /** A change that names it fails when somebody else was faster. */
  readonly conflictToken: Uint8Array | undefined;
}

export type DeploymentAccess = Pick<TemporalAccess, 'connection' | 'namespace'>;

/** Reads a deployment; undefined before its first worker has asked for work. */
export async function readDeployment(
  { connection, namespace }: DeploymentAccess,
  deploymentName: string,
): Promise<DeploymentState | undefined> {
  try {
    const { workerDeploymentInfo: info, conflictToken } =
      await connection.workflowService.describeWorkerDeployment({ namespace, deploymentName });
    const { currentDeploymentVersion: current, ...routing } = info?.routingConfig ?? {};
    const ramping = routing.rampingDeploymentVersion?.buildId;
    return {
      current: current?.buildId ?? undefined,
      conflictToken: conflictToken ?? undefined,
      versions: (info?.versionSummaries ?? []).map(({ deploymentVersion, status }) => {
        const buildId = deploymentVersion?.buildId ?? '';
        return {
          ...{ buildId, status: STATUSES[status ?? 0] ?? 'unknown' },
          percentage: buildId === ramping ? (routing.rampingVersionPercentage ?? 0) : undefined,
        };
      }),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
