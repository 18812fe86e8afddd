import { createHash } from 'node:crypto';
import { basename } from 'node:path';

import type { DatasetInput } from '../../platform/tracking/dataset-input.ts';
import type { LogInput } from '../../schemas/experiment.ts';

/** The training and the test set as MLflow's inputs of the run. */
export function datasetInputs(input: LogInput): { train: DatasetInput; test: DatasetInput } {
  const { request, dataset, split } = input;
  const columns = dataset.columns.map(({ name, type }) => ({
    name,
    type: COLUMN_TYPES[type] ?? type,
  }));
  const side = (context: 'training' | 'testing', rows: number): DatasetInput => ({
    name: `${nameOf(request)} (${context === 'training' ? 'train' : 'test'})`,
    digest: digestOf(dataset.blob.sha256, split.blob.sha256, context),
    ...sourceOf(input),
    columns,
    profile: {
      num_rows: rows,
      num_rows_of_source: dataset.rows,
      num_features: dataset.task === 'text' ? 1 : input.model.featureCount,
      rows_by_class: dataset.classes.map(({ label, rows: count }) => [label, count]),
    },
    context,
  });
  return { train: side('training', split.trainRows), test: side('testing', split.testRows) };
}

/** Our words for types, in MLflow's. */
const COLUMN_TYPES: Readonly<Record<string, string>> = {
  number: 'double',
  text: 'string',
  int: 'long',
  float: 'double',
  bool: 'boolean',
  string: 'string',
};

function nameOf({ source }: LogInput['request']): string {
  if (source.kind === 'file') return basename(source.path);
  return source.kind === 'sql' ? 'query' : 'inline records';
}

function sourceOf({
  request: { source },
  validated,
  dataset,
}: LogInput): Pick<DatasetInput, 'sourceType' | 'source'> {
  const sha256 = dataset.sourceSha256 ?? dataset.blob.sha256;
  switch (source.kind) {
    case 'file':
      return { sourceType: 'local', source: { uri: source.path, format: source.format, sha256 } };
    case 'sql':
      return {
        sourceType: 'sql',
        source: { connection: validated.display, query: source.query, rows_sha256: sha256 },
      };
    case 'inline':
      return { sourceType: 'inline', source: { records: source.count, sha256 } };
  }
}

/** MLflow takes 36 characters. */
function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 36);
}
