import { TAGS } from '../../schemas/names.ts';
import type { GetRunDependencies, RunName } from './get-run.ts';
import { everyExperiment } from './known-experiments.ts';

/** The MLflow run that bears a workflow's id, for when Temporal is away or has forgotten the workflow. */
export async function trackedRunOf(
  { tracking }: Pick<GetRunDependencies, 'tracking'>,
  { run_id: workflowId, tracking_uri }: RunName,
): Promise<string | undefined> {
  const client = tracking(tracking_uri);
  const { names } = await everyExperiment(client);
  if (names.size === 0) return undefined;
  const { runs } = await client.searchRuns({
    experimentIds: [...names.keys()],
    where: [{ tag: TAGS.workflowId, is: '=', value: workflowId }],
    maxResults: 1,
  });
  return runs[0]?.runId;
}
