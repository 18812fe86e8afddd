import { z } from 'zod';

import { blobRefSchema } from './source.ts';

export const labelTypeSchema = z.enum(['int', 'float', 'bool', 'string']);
export type LabelType = z.infer<typeof labelTypeSchema>;
export const labelValueSchema = z.union([z.string(), z.number(), z.boolean()]);
export type LabelValue = z.infer<typeof labelValueSchema>;

/** Columns of a source as they were found, before any value was read. */
export const columnSchema = z.object({ name: z.string(), type: z.string() });
export type Column = z.infer<typeof columnSchema>;

/** The rows that a request selects: what is predicted from what. */
export interface Selection {
  readonly task: 'tabular' | 'text';
  readonly target: string;
  /** Undefined: all columns but the target. */
  readonly features: readonly string[] | undefined;
}

/**
 * A loaded dataset: a blob in the array format of platform/storage/array-file.ts, and what is small about it.
 * It names the first columns and classes, as many as fit into the history; the blob has all.
 */
export const datasetRefSchema = z.object({
  blob: blobRefSchema,
  task: z.enum(['tabular', 'text']),
  rows: z.number().int(),
  columns: z.array(columnSchema),
  target: z.string(),
  classCount: z.number().int(),
  classes: z.array(z.object({ label: labelValueSchema, rows: z.number().int() })),
  labelType: labelTypeSchema,
  /** SHA-256 (hex) of the source's own bytes where it has bytes (files, inline records). */
  sourceSha256: z.string().nullable(),
});
export type DatasetRef = z.infer<typeof datasetRefSchema>;

/** What the blob of a dataset says of itself, beside its arrays. */
export interface DatasetMeta {
  readonly task: 'tabular' | 'text';
  readonly rows: number;
  readonly features: readonly string[];
  readonly target: string;
  readonly labelType: LabelType;
  /** Distinct labels in numpy.unique's order; `y` holds indices into it. */
  readonly labels: readonly LabelValue[];
}

export const splitRefSchema = z.object({
  blob: blobRefSchema,
  trainRows: z.number().int(),
  testRows: z.number().int(),
  warnings: z.array(z.string()),
});
export type SplitRef = z.infer<typeof splitRefSchema>;
