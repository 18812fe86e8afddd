import type { MlflowClient } from '../../platform/tracking/tracking-types.ts';
import type { TestService } from '../support/test-service.ts';
import type { Agent, Bill, Era } from './agent.ts';

/** What an agent works with in one task. */
export interface Stage {
  readonly service: TestService;
  readonly mlflow: MlflowClient;
  /** An MLflow experiment of the task's own: its runs are those that the task has made. */
  readonly experiment: string;
  readonly bill: Bill;
  /** Another client; each has a connection of its own. */
  connect(era?: Era): Promise<Agent>;
  /** Ids of the MLflow runs that the task has made so far. */
  runs(): Promise<readonly string[]>;
  /** How many executions Temporal holds of a workflow. */
  executions(workflowId: string): Promise<number>;
}

/** What a scripted agent does, and what must have come of it. */
export interface Task {
  readonly name: string;
  /** How long it may take; a minute unless given. */
  readonly seconds?: number;
  play(stage: Stage): Promise<void>;
}
