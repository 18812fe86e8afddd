import type { AuditDatabase } from '../database/open-database.ts';
import { allAbout } from './find-events.ts';
import { traceRun, type RunTrace } from './trace-run.ts';

/** A decision of the registry's gate over a run's model. */
export interface Registration {
  readonly name: string;
  /** Null when the model was not good enough to be kept. */
  readonly version: string | null;
  /** Whether the alias champion moved to it then. */
  readonly champion: boolean;
  readonly reason: string;
  readonly at: string;
  readonly model_id: string;
  readonly run_id: string;
  /** Workflow that asked for it: the run's own, or one that used the run again. */
  readonly workflow_id: string;
}

/** What came of a run. */
export interface RunDescendants {
  readonly registrations: readonly Registration[];
  readonly reruns: readonly RunTrace[];
  /** Workflows that used its results in place of their own. */
  readonly reuses: readonly RunTrace[];
}

interface Place {
  readonly chain: string;
  readonly runId: string;
}

export async function runDescendants(
  database: Pick<AuditDatabase, 'tables'>,
  { chain, runId }: Place,
): Promise<RunDescendants> {
  const names = ['run.started', 'run.reused', 'model.registered'] as const;
  const events = await allAbout(database, { chain, subject: `run:${runId}`, names });
  const traces = async (workflowIds: readonly string[]): Promise<RunTrace[]> => {
    const distinct = [...new Set(workflowIds)];
    const found = await Promise.all(
      distinct.map((workflowId) => traceRun(database, { chain, workflowId })),
    );
    return found.filter((trace) => trace !== undefined);
  };
  const workflowsOf = (name: 'run.started' | 'run.reused'): string[] =>
    events.flatMap((event) =>
      event['event.name'] === name ? [event['temporal.workflow_id']] : [],
    );
  return {
    registrations: registrationsIn(events),
    reruns: await traces(workflowsOf('run.started')),
    reuses: await traces(workflowsOf('run.reused')),
  };
}

/** The decisions among events. */
export function registrationsIn(events: Awaited<ReturnType<typeof allAbout>>): Registration[] {
  return events.flatMap((event) =>
    event['event.name'] === 'model.registered'
      ? [
          {
            name: event['model.name'],
            version: event['model.version'] ?? null,
            champion: event.champion,
            reason: event['gate.reason'],
            at: event.timestamp,
            model_id: event['mlflow.model_id'],
            run_id: event['mlflow.run_id'],
            workflow_id: event['temporal.workflow_id'],
          },
        ]
      : [],
  );
}
