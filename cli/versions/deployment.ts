import { hostname } from 'node:os';

import { Client, type Connection } from '@temporalio/client';

import {
  readDeployment,
  type DeploymentAccess,
  type DeploymentState,
} from '../../platform/deployment/deployment-state.ts';
import { THERE_WITHIN_MS } from '../../platform/deployment/present-workers.ts';
import { readQueue, type QueueState } from '../../platform/deployment/queue-workers.ts';
import { versionText } from '../../platform/deployment/worker-version.ts';
import { SERVICE_CHAIN, type EventFields } from '../../schemas/audit-event.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import { EXPERIMENT_WORKFLOW, QUEUES, taskQueueOf, type Queue } from '../../schemas/names.ts';
import { operator, recordCommand } from '../audit/record-command.ts';
import { withTemporal } from '../audit/temporal-access.ts';

/** The deployment of the settings, as commands work with it. */
export interface Deployment {
  readonly name: string;
  readonly access: DeploymentAccess;
  readonly client: Client;
  /** Whoever gives the command, for Temporal. */
  readonly identity: string;
  state(): Promise<DeploymentState>;
  /** Who works on each queue. */
  queues(): Promise<ReadonlyMap<Queue, QueueState>>;
  /** Experiments that have begun on a version, or gone over to it, and have not ended. */
  running(buildId: string): Promise<number>;
  /** To be called before what it tells of. */
  record(change: Change): Promise<void>;
}

type Change = Omit<EventFields<'version.changed'>, 'user.id' | 'deployment.name'>;

/** Calls `use` with the deployment of the settings. @throws Failure where there is none, or no Temporal */
export function withDeployment<T>(
  config: Config,
  use: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  const { WORKER_DEPLOYMENT: name } = config;
  if (name === undefined) throw notSet();
  return withTemporal(config, (access) => {
    const { namespace, taskQueue } = access;
    const client = new Client({ connection: access.connection as Connection, namespace });
    return use({
      ...{ name, access, client, identity: `${operator()['user.id']}@${hostname()}` },
      async state() {
        const state = await readDeployment(access, name);
        if (!state) throw unknown(name);
        return state;
      },
      async queues() {
        const read = async (queue: Queue) =>
          [queue, await readQueue(access, taskQueueOf(queue, taskQueue))] as const;
        return new Map(await Promise.all(QUEUES.map(read)));
      },
      async running(buildId) {
        const { count } = await client.workflow.count(runningOn({ deploymentName: name, buildId }));
        return count;
      },
      record: (change) =>
        recordCommand(config, [
          {
            ...{ name: 'version.changed', chain: SERVICE_CHAIN },
            fields: { ...operator(), 'deployment.name': name, ...change },
          },
        ]),
    });
  });
}

/** Temporal's visibility query for the experiments that are running on a version. */
export function runningOn(version: Parameters<typeof versionText>[0]): string {
  return `WorkflowType = '${EXPERIMENT_WORKFLOW}' AND ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${versionText(version)}'`;
}

/** How many workers of a version are on a queue. */
export function workersOf({ workers }: QueueState, buildId: string, now: number): number {
  return workers.filter(
    (worker) => worker.buildId === buildId && now - worker.seenAt < THERE_WITHIN_MS,
  ).length;
}

/** A version that Temporal knows. @throws Failure */
export function demandVersion({ versions }: DeploymentState, buildId: string) {
  const found = versions.find((version) => version.buildId === buildId);
  if (found) return found;
  throw new Failure(
    'INVALID_REQUEST',
    `Temporal knows no version ${buildId}.`,
    versions.length === 0
      ? 'Start a worker of it first.'
      : `It knows ${versions.map((version) => version.buildId).join(', ')}; start a worker of it first.`,
  );
}

/** What Temporal says of a change that its state does not allow (gRPC’s FAILED_PRECONDITION). */
export function isFailedPrecondition(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 9;
}

function notSet(): Failure {
  return new Failure(
    'INVALID_REQUEST',
    'WORKER_DEPLOYMENT is not set: workers have no versions.',
    'Set it, here and for the workers, to tell versions apart.',
  );
}

function unknown(name: string): Failure {
  return new Failure(
    'INVALID_REQUEST',
    `Temporal knows no deployment ${name}.`,
    'Start a worker with this WORKER_DEPLOYMENT; correct it, or TEMPORAL_NAMESPACE, if there is one.',
  );
}
