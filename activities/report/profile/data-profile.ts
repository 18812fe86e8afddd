import type { LabelValue } from '../../../schemas/dataset.ts';
import type { Moments } from './running-moments.ts';
import type { TextLengths } from './text-lengths.ts';

/** A dataset in a few numbers: no value of it but the extremes of a column. */
export interface DataProfile {
  readonly rows: number;
  /** [classes] rows of each class, by code */
  readonly classRows: ArrayLike<number>;
  /** [features] of a tabular dataset */
  readonly features?: readonly Moments[];
  /** Of a text dataset. */
  readonly texts?: TextLengths;
}

/** Classes and features that the file lists; a wider dataset is cut and says so. */
const LISTED = 1000;

/** The profile as plain JSON: what data_profile.json holds, and the profile of a MLflow dataset. */
export function profileJson(
  { rows, classRows, features, texts }: DataProfile,
  { labels, names }: { readonly labels: readonly LabelValue[]; readonly names: readonly string[] },
): Record<string, unknown> {
  return {
    rows,
    class_count: labels.length,
    classes: labels.slice(0, LISTED).map((label, code) => ({ label, rows: classRows[code] ?? 0 })),
    ...(features && {
      feature_count: features.length,
      features: features
        .slice(0, LISTED)
        .map((moments, j) => ({ name: names[j] ?? '', ...moments })),
    }),
    ...(texts && { text_characters: texts.characters, text_words: texts.words }),
  };
}
