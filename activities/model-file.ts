import type { TrainedModel } from '../learning/trained-model.ts';
import { createArrayFile, openArrayFile } from '../platform/storage/array-file.ts';
import type { LabelType, LabelValue } from '../schemas/dataset.ts';

/** What a model's blob says of itself, beside its arrays. */
export interface ModelMeta {
  readonly kind: TrainedModel['kind'];
  readonly features: readonly string[];
  readonly labelType: LabelType;
  readonly labels: readonly LabelValue[];
  readonly classCount: number;
  readonly featureCount: number;
  /** The vocabulary in column order; empty for a tabular model. */
  readonly terms: readonly string[];
}

/**
 * Writes a trained model to a new array file: `coefficients`, `intercepts`, `losses` after each
 * iteration and, for text, `idf`.
 */
export async function writeModelFile(
  path: string,
  { model, losses }: { readonly model: TrainedModel; readonly losses: Float64Array },
  dataset: Pick<ModelMeta, 'features' | 'labelType' | 'labels'>,
): Promise<void> {
  const file = await createArrayFile(path);
  file.begin('coefficients', 'float64');
  await file.append(model.linear.coefficients);
  file.begin('intercepts', 'float64');
  await file.append(model.linear.intercepts);
  file.begin('losses', 'float64');
  await file.append(losses);
  if (model.kind === 'logreg_text') {
    file.begin('idf', 'float64');
    await file.append(model.tfidf.idf);
  }
  const meta: ModelMeta = {
    kind: model.kind,
    features: dataset.features,
    labelType: dataset.labelType,
    labels: dataset.labels,
    classCount: model.linear.classCount,
    featureCount: model.linear.featureCount,
    terms: model.kind === 'logreg_text' ? model.tfidf.terms : [],
  };
  await file.finish(meta);
}

/** Reads what {@link writeModelFile} wrote. */
export async function readModelFile(
  path: string,
): Promise<{ model: TrainedModel; losses: Float64Array; meta: ModelMeta }> {
  const file = await openArrayFile<ModelMeta>(path);
  try {
    const { meta } = file;
    const linear = {
      classCount: meta.classCount,
      featureCount: meta.featureCount,
      coefficients: await file.float64('coefficients'),
      intercepts: await file.float64('intercepts'),
    };
    const model: TrainedModel =
      meta.kind === 'logreg_text'
        ? { kind: meta.kind, tfidf: { terms: meta.terms, idf: await file.float64('idf') }, linear }
        : { kind: meta.kind, linear };
    return { model, losses: await file.float64('losses'), meta };
  } finally {
    await file.close();
  }
}
