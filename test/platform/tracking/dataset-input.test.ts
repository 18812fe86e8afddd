import { describe, expect, it } from 'vitest';

import { datasetInputs, type DatasetInput } from '../../../platform/tracking/dataset-input.ts';

const DATASET: DatasetInput = {
  name: 'train.csv (train)',
  digest: 'abc',
  sourceType: 'local',
  source: { uri: 'train.csv' },
  context: 'training',
};

interface Wire {
  tags: { key: string; value: string }[];
  dataset: Record<'name' | 'digest' | 'source_type' | 'source' | 'schema' | 'profile', string>;
}
const wire = (dataset: Partial<DatasetInput>) =>
  datasetInputs([{ ...DATASET, ...dataset }])[0] as Wire;

describe('datasetInputs', () => {
  it('writes MLflow’s form', () => {
    const columns = [{ name: 'f1', type: 'double' }];
    expect(wire({ columns, profile: { num_rows: 3 } })).toEqual({
      tags: [{ key: 'mlflow.data.context', value: 'training' }],
      dataset: {
        name: 'train.csv (train)',
        digest: 'abc',
        source_type: 'local',
        source: '{"uri":"train.csv"}',
        schema: '{"mlflow_colspec":[{"type":"double","name":"f1","required":true}]}',
        profile: '{"num_rows":3}',
      },
    });
  });

  it('cuts what is too long', () => {
    const columns = Array.from({ length: 10_000 }, (_, i) => ({
      name: `${i}${'x'.repeat(150)}`,
      type: 'double',
    }));
    const { dataset } = wire({
      name: 'n'.repeat(600),
      digest: 'd'.repeat(64),
      source: { query: '語'.repeat(70_000), connection: 'warehouse' },
      columns,
    });
    expect(dataset.name).toHaveLength(500);
    expect(dataset.digest).toBe('d'.repeat(36));
    expect(Buffer.byteLength(dataset.source)).toBeLessThanOrEqual(65_535);
    const source = JSON.parse(dataset.source) as Record<string, string>;
    expect(source['connection']).toBe('warehouse');
    expect(source['query']).toMatch(/^語{8000,}… \[cut, 70000 characters\]$/u);
    expect(dataset.schema.length).toBeLessThanOrEqual(1_048_575);
    const schema = JSON.parse(dataset.schema) as { mlflow_colspec: object[]; columns: number };
    expect(schema.columns).toBe(10_000);
    expect(schema.mlflow_colspec.length).toBeGreaterThan(5000);
    expect(schema.mlflow_colspec[0]).toMatchObject({ name: columns[0]!.name });
  });

  it.each([
    ['postgresql://eva:secret@db.example/sales', 'postgresql://db.example/sales'],
    ['postgresql+psycopg://eva:sec/ret@db.example/sales', 'postgresql+psycopg://db.example/sales'],
    ['mysql://eva:se@cret@db:3306/x', 'mysql://db:3306/x'],
    ['https://token@host/a', 'https://host/a'],
    ['https://host:8080/a@b', 'https://host:8080/a@b'],
    ['postgresql://db/x?user=u&password=secret&y=1', 'postgresql://db/x?user=u&password=***&y=1'],
    ['SELECT * FROM users', 'SELECT * FROM users'],
  ])('keeps no password: %s', (given, written) => {
    const { dataset } = wire({ source: { nested: [{ url: given }] } });
    expect(JSON.parse(dataset.source)).toEqual({ nested: [{ url: written }] });
  });

  it('refuses two of one name and digest, of which MLflow would drop one', () => {
    expect(() => datasetInputs([DATASET, { ...DATASET, context: 'testing' }])).toThrow(TypeError);
    expect(datasetInputs([DATASET, { ...DATASET, digest: 'other' }])).toHaveLength(2);
  });

  it('refuses a source that cannot be cut to size', () => {
    const source = { files: Array.from({ length: 20_000 }, (_, i) => `part-${i}`) };
    expect(() => wire({ source })).toThrow(TypeError);
  });
});
