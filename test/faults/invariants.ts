import { isDeepStrictEqual } from 'node:util';

import { ended, type Started, type View } from './experiments.ts';
import type { Installation } from './installation.ts';
import { ask, runFacts, type RunFacts } from './mlflow-facts.ts';
import type { Kind } from './requests.ts';
import { checkAudit } from './audit-invariants.ts';
import { Violation } from './violation.ts';

/** What an undisturbed run of each kind comes to. */
export type Calm = ReadonlyMap<Kind | 'big', RunFacts>;

function demand(holds: boolean, what: string, found?: unknown): asserts holds {
  if (!holds) throw new Violation(found === undefined ? what : `${what}: ${JSON.stringify(found)}`);
}

/**
 * Waits until all the experiments of a name have ended, and holds them against undisturbed ones: both
 * systems say so, each has one MLflow run, one model and the same numbers, and no file is over.
 * @throws Violation
 */
export async function checkInvariants(
  stage: Installation,
  calm: Calm,
  started: readonly Started[],
): Promise<void> {
  const views: View[] = [];
  for (const one of started) views.push(await checkEnd(stage, calm, one));
  const experimentId = views[0]?.experiment_id as string;
  const runIds = views.map(({ run_id }) => run_id).sort();
  demand(new Set(runIds).size === started.length, 'two experiments share an MLflow run', runIds);
  const { runs = [] } = await ask<{ runs?: { info: { run_id: string } }[] }>(stage, 'runs/search', {
    ...{ experiment_ids: [experimentId], max_results: 5000 },
  });
  const found = runs.map(({ info }) => info.run_id).sort();
  demand(isDeepStrictEqual(found, runIds), `${runIds.length} experiments, MLflow runs`, found);
  await checkModels(stage, experimentId, runIds);
  await checkAudit(stage, started);
}

async function checkEnd(stage: Installation, calm: Calm, one: Started): Promise<View> {
  const view = await ended(stage, one);
  const { status, workflow, notes } = view;
  demand(
    status === 'FINISHED' && workflow.status === 'COMPLETED' && notes.length === 0,
    `${one.kind} ${one.workflowId} ended otherwise`,
    view,
  );
  const facts = await runFacts(stage, view.run_id);
  const wanted = calm.get(one.kind);
  demand(isDeepStrictEqual(facts, wanted), `${one.kind} came to something else`, { facts, wanted });
  await checkBlobs(stage, one.workflowId);
  return view;
}

/** One model each, whole; of the registered ones one version each. */
async function checkModels(
  stage: Installation,
  experiment: string,
  runIds: string[],
): Promise<void> {
  const { models = [] } = await ask<{ models?: { info: Record<string, string> }[] }>(
    stage,
    'logged-models/search',
    { experiment_ids: [experiment], max_results: 5000 },
  );
  const sources = models.map(({ info }) => info['source_run_id']).sort();
  demand(isDeepStrictEqual(sources, runIds), 'the models are of other runs', { sources, runIds });
  const states = new Set(models.map(({ info }) => info['status']));
  demand(isDeepStrictEqual([...states], ['LOGGED_MODEL_READY']), 'a model is not whole', [
    ...states,
  ]);
}

/** The results that the steps speak of, and nothing else: no second copy, no checkpoint. */
async function checkBlobs(stage: Installation, workflowId: string): Promise<void> {
  const { events } = await stage.temporal.workflow.getHandle(workflowId).fetchHistory();
  const spoken = new Set<string>();
  for (const event of events ?? []) {
    for (const payload of event.activityTaskCompletedEventAttributes?.result?.payloads ?? []) {
      const text = Buffer.from(payload.data ?? []).toString();
      for (const [, key] of text.matchAll(/"key":"([^"]+)"/g)) spoken.add(key as string);
    }
  }
  const keys = (await stage.blobsOf(workflowId)).sort();
  demand(isDeepStrictEqual(keys, [...spoken].sort()), 'blobs nobody speaks of, or none', {
    ...{ keys, spoken: [...spoken] },
  });
}
