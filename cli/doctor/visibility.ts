import { EXPERIMENT_WORKFLOW } from '../../schemas/names.ts';
import { askTemporal, ok, type Check } from './check.ts';

/** Quotas, metrics and lists count on it. No search attributes of our own are needed. */
export const visibility: Check = {
  name: 'visibility',
  run: askTemporal(async ({ client }) => {
    const { count } = await client.workflow.count(
      `WorkflowType = '${EXPERIMENT_WORKFLOW}' AND ExecutionStatus = 'Running'`,
    );
    return ok(`Temporal finds experiments: ${count} are running. No search attributes are needed.`);
  }),
};
