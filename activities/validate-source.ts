import type { ExperimentInput, ValidatedSource } from '../schemas/experiment.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { encodeFeatureTypes } from './feature-types.ts';
import { limitsOf, selectionOf } from './selection.ts';
import { stepContext } from './step-context.ts';

/** History holds at most so many names; the dataset's blob holds all. */
export const NAMES_IN_HISTORY = 100;

/** validate: shape, permission, existence, column names. Reads no value, so that it answers in seconds. */
export function createValidateSource({ sources, blobs, limits }: ActivityDependencies) {
  return async (request: ExperimentInput): Promise<ValidatedSource> => {
    const { signal } = stepContext();
    const described = await blobs.withScratch((scratch) =>
      sources.describe(request.source, selectionOf(request), {
        signal,
        scratch,
        limits: limitsOf(request, limits),
        onProgress: () => undefined,
      }),
    );
    return {
      display: described.display,
      columnCount: described.columns.length,
      featureCount: described.features.length,
      features: described.features.slice(0, NAMES_IN_HISTORY),
      featureTypes: encodeFeatureTypes(described.columns, described.features),
    };
  };
}
