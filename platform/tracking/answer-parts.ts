import { z } from 'zod';

/** MLflow writes a double that JSON cannot hold as text. */
export const double = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number),
]);

/** Keys and values as an object. */
export const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((entries) => Object.fromEntries(entries.map(({ key, value }) => [key, value])));

/** The token of the next page; MLflow writes none as an empty one, or leaves it out. */
export const pageToken = z
  .string()
  .optional()
  .transform((token) => (token === '' ? undefined : token));

/** An answer that says no more than that it worked. */
export const emptyAnswer = z.object({});

/** What MLflow lists of a folder: the same for a run's artifacts and for its artifact proxy. */
export const artifactFiles = z
  .array(
    z.object({
      path: z.string(),
      is_dir: z.boolean().default(false),
      file_size: z.coerce.number().default(0),
    }),
  )
  .default([]);
