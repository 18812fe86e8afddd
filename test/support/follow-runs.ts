import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { RunView } from '../../schemas/run-view.ts';
import type { TestService } from './test-service.ts';
import { untilClosed } from './until-closed.ts';

/** A run as mlflow_get_run shows it once its workflow is there, and its MLflow run where that is asked for. */
export type Followed = Omit<RunView, 'run_id' | 'workflow'> & {
  readonly run_id: string;
  readonly workflow: NonNullable<RunView['workflow']>;
};

/** Starts runs of a service and follows them without waiting in the calls. */
export function followRuns(service: () => TestService, experiment_name: string) {
  async function view(id: string): Promise<Followed> {
    const { result, error } = await service().invoke('mlflow_get_run', { run_id: id });
    if (error !== null) throw new Error(error);
    return result as unknown as Followed;
  }

  /** Asks until the view is as wanted; the test's own timeout is the limit. */
  async function when(id: string, wanted: (seen: Followed) => boolean): Promise<Followed> {
    for (;;) {
      const seen = await view(id);
      if (wanted(seen)) return seen;
      await pause(100);
    }
  }

  return {
    view,
    when,
    ended: async (id: string): Promise<Followed> => {
      await untilClosed(service().temporal, id);
      return when(id, ({ workflow }) => workflow.status !== 'RUNNING');
    },
    /** @returns the workflow's id */
    start: async (request: object): Promise<string> => {
      const { result, error } = await service().invoke('mlflow_run_experiment', {
        ...{ experiment_name, wait_seconds: 0 },
        ...request,
      });
      if (error !== null) throw new Error(error);
      return String(result?.['workflow_id']);
    },
    retry: async (run_id: string, step: string): Promise<void> => {
      const { error } = await service().invoke('mlflow_retry_run', {
        // The same reason again would find the retry before.
        ...{ run_id, step, reason: `test ${randomUUID()}`, wait_seconds: 0 },
      });
      if (error !== null) throw new Error(error);
    },
  };
}

export const stepOf = ({ steps }: Followed, name: string) =>
  steps.find(({ step }) => step === name);
