import type { CallOptions, MlflowClient, TrackedRun } from '../platform/tracking/tracking-types.ts';
import {
  isQualityMetric,
  type Origin,
  type ReuseAnswer,
  type ReuseInput,
} from '../schemas/experiment.ts';
import { TAGS } from '../schemas/names.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { experimentHash } from './experiment-hash.ts';
import { createLoadDataset } from './load-dataset.ts';
import { MODEL_FILE } from './model-directory/mlmodel.ts';
import { readContext } from './selection.ts';
import { stepContext } from './step-context.ts';

/** Runs that are looked at when the artifacts of the first are gone. */
const MOST_CANDIDATES = 5;

/**
 * reuse: looks in the experiment for a finished run of the same data, features, target, model, params
 * and code whose model and report are still there. A file is hashed before anything is parsed; a query
 * has to be run, and its dataset is handed on.
 */
export function createFindReusableRun(deps: ActivityDependencies) {
  const { tracking, blobs, sources, limits, codeVersion } = deps;
  const loadDataset = createLoadDataset(deps);
  return async ({ request }: ReuseInput): Promise<ReuseAnswer> => {
    const { signal } = stepContext();
    const ofBytes = await blobs.withScratch((scratch) =>
      sources.digest(request.source, readContext(request, limits, scratch)),
    );
    const dataset = ofBytes === null ? await loadDataset(request) : null;
    const hash = experimentHash(request, {
      dataset: ofBytes ?? (dataset?.blob.sha256 as string),
      codeVersion,
    });
    const client = tracking(request.trackingUri);
    const origin = await findOrigin(
      client,
      { experiment: request.experimentName, hash },
      { signal },
    );
    return { origin, dataset: origin ? null : dataset };
  };
}

async function findOrigin(
  client: MlflowClient,
  { experiment, hash }: { readonly experiment: string; readonly hash: string },
  options: CallOptions,
): Promise<Origin | null> {
  const found = await client.experiments.byName(experiment, options);
  if (!found || found.deleted) return null;
  const { runs } = await client.searchRuns(
    {
      experimentIds: [found.experimentId],
      where: [{ tag: TAGS.experimentHash, is: '=', value: hash }, { status: ['FINISHED'] }],
      orderBy: [{ by: 'start_time', direction: 'ASC' }],
      maxResults: MOST_CANDIDATES,
    },
    options,
  );
  for (const run of runs) {
    const modelId = run.tags[TAGS.modelId];
    if (modelId !== undefined && (await isWhole(client, { run, modelId }, options))) {
      return originOf(run, modelId);
    }
  }
  return null;
}

/** Whether a run's model is READY and the files that it logged are all there. */
async function isWhole(
  client: MlflowClient,
  { run, modelId }: { readonly run: TrackedRun; readonly modelId: string },
  options: CallOptions,
): Promise<boolean> {
  const [model, report] = await Promise.all([
    client.models.get(modelId, options).catch(() => null),
    client.listArtifacts(run.runId, { ...options, path: 'report' }),
  ]);
  const drawn = report.filter(({ bytes }) => bytes !== null && bytes > 0).length;
  if (model?.status !== 'READY' || String(drawn) !== run.tags[TAGS.reportFiles]) return false;
  const paths = ['MLmodel', MODEL_FILE];
  const sizes = await client.artifactSizes({ artifactUri: model.artifactUri, paths }, options);
  return (
    (sizes.get('MLmodel') ?? 0) > 0 && String(sizes.get(MODEL_FILE)) === run.tags[TAGS.modelBytes]
  );
}

function originOf(run: TrackedRun, modelId: string): Origin {
  const metrics = Object.entries(run.metrics).filter(([key]) => isQualityMetric(key));
  return {
    runId: run.runId,
    experimentId: run.experimentId,
    metrics: Object.fromEntries(metrics),
    modelId,
    warnings: run.tags[TAGS.warnings]?.split('\n') ?? [],
  };
}
