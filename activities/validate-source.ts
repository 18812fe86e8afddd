import type { ExperimentInput, ValidatedSource } from '../schemas/experiment.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { encodeFeatureTypes } from './feature-types.ts';
import { fitting, HISTORY_ROOM } from './history-room.ts';
import { limitsOf, selectionOf } from './selection.ts';
import { stepContext } from './step-context.ts';

/** validate: shape, permission, existence, column names. Reads no value, so that it answers in seconds. */
export function createValidateSource({ sources, blobs, limits }: ActivityDependencies) {
  return async (request: ExperimentInput): Promise<ValidatedSource> => {
    const { signal } = stepContext();
    const described = await blobs.withScratch((scratch) =>
      sources.describe(request.source, selectionOf(request), {
        signal,
        ...{ scratch, tenant: request.tenant },
        limits: limitsOf(request, limits),
        onProgress: () => undefined,
      }),
    );
    return {
      display: described.display,
      columnCount: described.columns.length,
      featureCount: described.features.length,
      features: fitting(described.features, HISTORY_ROOM.featureNames),
      featureTypes: encodeFeatureTypes(described.columns, described.features),
    };
  };
}
