import { z } from 'zod';

/** A request stands in Temporal's history, several times over: together with the query it stays under 64 KiB. */
const NAME_CHARACTERS = 24_000;
const QUERY_CHARACTERS = 24_000;
const fitsIntoHistory = (names: readonly string[]): boolean =>
  names.reduce((sum, name) => sum + name.length, 0) <= NAME_CHARACTERS;

const columnName = z.string().min(1).max(256);

/** What to learn from: the target column, and the features (all other columns when omitted). */
const selection = {
  features: z
    .array(columnName)
    .min(1)
    .max(10_000)
    .refine(fitsIntoHistory, `may hold at most ${NAME_CHARACTERS} characters together`)
    .optional()
    .describe(
      'Feature columns; all columns but the target when omitted. A text model takes exactly one.',
    ),
  target: columnName.describe('Column with the class labels.'),
};

const formatOf = (path: string): 'csv' | 'parquet' =>
  path.toLowerCase().endsWith('.parquet') ? 'parquet' : 'csv';

export const fileSourceSchema = z
  .strictObject({
    kind: z.literal('file'),
    path: z.string().min(1).max(1024).describe('Path under one of the server’s data roots.'),
    format: z.enum(['csv', 'parquet']).optional().describe('By default after the path’s ending.'),
    ...selection,
  })
  .transform(({ kind, path, format = formatOf(path), ...rest }) => ({
    ...{ kind, path, format },
    ...rest,
  }))
  .describe('A CSV or Parquet file');

export const sqlSourceSchema = z
  .strictObject({
    kind: z.literal('sql'),
    conn: z
      .string()
      .min(1)
      .max(2048)
      .describe(
        'Name of a configured connection, or postgresql://, mysql:// or sqlite:/// where the server allows it.',
      ),
    query: z.string().min(1).max(QUERY_CHARACTERS).describe('One SELECT statement.'),
    ...selection,
  })
  .describe('One SELECT on PostgreSQL, MySQL or SQLite');

export const inlineRecordSchema = z.object({
  text: z.string(),
  label: z.union([z.string(), z.number(), z.boolean()]),
});
export type InlineRecord = z.infer<typeof inlineRecordSchema>;

/** More wrong records are not looked at: a million problems would take half a minute and 4 GB to tell. */
const MOST_WRONG_RECORDS = 1000;

/** A list up to the last of so many wrong records, for which it is refused in any case. */
function withoutMoreProblems(records: unknown): unknown {
  if (!Array.isArray(records)) return records;
  let wrong = 0;
  const last = records.findIndex(
    (record) => !inlineRecordSchema.safeParse(record).success && ++wrong === MOST_WRONG_RECORDS,
  );
  return last === -1 ? records : records.slice(0, last + 1);
}

export const inlineSourceSchema = z
  .strictObject({
    kind: z.literal('inline'),
    task: z.literal('text-classification').default('text-classification'),
    records: z.preprocess(withoutMoreProblems, z.array(inlineRecordSchema).min(1).max(1_000_000)),
  })
  .describe('Text records in the request itself');

/** A data source as a caller writes it. */
export const sourceSchema = z.discriminatedUnion('kind', [
  fileSourceSchema,
  sqlSourceSchema,
  inlineSourceSchema,
]);
export type Source = z.infer<typeof sourceSchema>;

/** A secret that only server and worker can open: AES-256-GCM, all parts base64. */
export const sealedSecretSchema = z.object({
  keyId: z.string(),
  iv: z.string(),
  data: z.string(),
});
export type SealedSecret = z.infer<typeof sealedSecretSchema>;

/** A blob by content: `key` is where it lies, `sha256` (hex) proves it. */
export const blobRefSchema = z.object({
  key: z.string(),
  sha256: z.string(),
  bytes: z.number().int(),
});
export type BlobRef = z.infer<typeof blobRefSchema>;

/**
 * A data source as it stands in Temporal's history: no rows and no secrets.
 * Inline records have gone to the blob store, a raw connection string is sealed.
 */
export const storedSourceSchema = z.discriminatedUnion('kind', [
  fileSourceSchema,
  sqlSourceSchema.extend({
    conn: z.union([
      z.object({ name: z.string() }),
      z.object({
        sealed: sealedSecretSchema,
        display: z.string(),
        /** Whether the caller may name the worker's own machine; earlier versions did not say. */
        loopback: z.boolean().optional(),
      }),
    ]),
  }),
  z.object({
    kind: z.literal('inline'),
    task: z.literal('text-classification'),
    records: blobRefSchema,
    count: z.number().int(),
  }),
]);
export type StoredSource = z.infer<typeof storedSourceSchema>;
