import { beforeAll, describe, expect, it } from 'vitest';

import type { DatasetInput } from '../../../platform/tracking/dataset-input.ts';
import { metricKeys } from '../../../platform/tracking/metric-keys.ts';
import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';
import { useMlflow } from './server.ts';

const mlflow = useMlflow();
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  client = createMlflowClient({ url: mlflow.url });
  experimentId = await client.ensureExperiment(`lineage ${Date.now()}-${process.pid}`);
});
const newRun = () => client.createRun({ experimentId, runName: 'r', startTime: 1, tags: {} });

const TRAIN: DatasetInput = {
  name: 'train.csv (train)',
  digest: 'a'.repeat(64),
  sourceType: 'local',
  source: { uri: 'train.csv', url: 'postgresql://eva:secret@db/x' },
  columns: [
    { name: 'f1', type: 'double' },
    { name: 'ü "text"', type: 'string' },
  ],
  profile: { num_rows: 320, rows_by_class: [['a', 160]] },
  context: 'training',
};
const TEST: DatasetInput = { ...TRAIN, name: 'train.csv (test)', context: 'testing' };

describe('the datasets of a run', () => {
  it('are there once, each with what it was read for', async () => {
    const { runId } = await newRun();
    for (let attempt = 0; attempt < 2; attempt += 1) await client.logInputs(runId, [TRAIN, TEST]);
    const { datasets } = await client.getRun(runId);
    const expected = {
      ...{ digest: 'a'.repeat(36), sourceType: 'local' },
      source: '{"uri":"train.csv","url":"postgresql://db/x"}',
      schema:
        '{"mlflow_colspec":[{"type":"double","name":"f1","required":true},{"type":"string","name":"ü \\"text\\"","required":true}]}',
      profile: '{"num_rows":320,"rows_by_class":[["a",160]]}',
    };
    expect(datasets.toSorted((a, b) => (a.context < b.context ? 1 : -1))).toEqual([
      { ...expected, name: 'train.csv (train)', context: 'training' },
      { ...expected, name: 'train.csv (test)', context: 'testing' },
    ]);
    const { runs } = await client.searchRuns({
      experimentIds: [experimentId],
      where: [
        { dataset: 'digest', is: '=', value: 'a'.repeat(36) },
        { dataset: 'context', is: '=', value: 'training' },
      ],
      maxResults: 10,
    });
    expect(runs.map((run) => run.runId)).toEqual([runId]);
    expect(runs[0]!.datasets).toHaveLength(2);
  });

  it('are complete when several attempts write them at once', async () => {
    const { runId } = await newRun();
    const digest = `b${Date.now()}`;
    const inputs = [TRAIN, TEST].map((dataset) => ({ ...dataset, digest }));
    await Promise.all(Array.from({ length: 6 }, () => client.logInputs(runId, inputs)));
    expect((await client.getRun(runId)).datasets).toHaveLength(2);
  });

  it('may be as large as MLflow takes', async () => {
    const { runId } = await newRun();
    const columns = Array.from({ length: 10_000 }, (_, i) => ({
      name: `column ${i} ${'x'.repeat(150)}`,
      type: 'double',
    }));
    const source = { query: `SELECT '${'語'.repeat(70_000)}'` };
    await client.logInputs(runId, [{ ...TRAIN, columns, source, name: 'n'.repeat(600) }]);
    expect((await client.getRun(runId)).datasets[0]!.schema.length).toBeGreaterThan(1_000_000);
  });

  it('may be models, too', async () => {
    const { runId } = await newRun();
    const model = await client.models.create({ experimentId, name: 'model', runId });
    const modelIds = [model.modelId];
    for (let attempt = 0; attempt < 2; attempt += 1)
      await client.logInputs(runId, [], { modelIds });
    expect((await client.getRun(runId)).modelInputs).toEqual(modelIds);
  });
});

describe('the course of a metric', () => {
  it('has as many points as were logged, whatever is repeated', async () => {
    const { runId } = await newRun();
    const metrics = Array.from({ length: 2500 }, (_, step) => ({
      ...{ key: 'loss', value: step === 3 ? NaN : 1 / (step + 1), timestamp: 7, step },
    }));
    await client.logBatch(runId, { metrics });
    await client.logBatch(runId, { metrics });
    // An attempt that was cut off in the middle, and one that was not.
    await client.logBatch(runId, { metrics: metrics.slice(900, 1900) });
    const points = await client.metricHistory(runId, 'loss');
    expect(points).toEqual(
      metrics.map(({ value, timestamp, step }) => ({ value, timestamp, step })),
    );
    expect((await client.getRun(runId)).metrics['loss']).toBe(1 / 2500);
    expect(await client.metricHistory(runId, 'loss', { maxPoints: 10 })).toHaveLength(10);
    expect(await client.metricHistory(runId, 'nothing')).toEqual([]);
    expect(await client.metricHistory('f'.repeat(32), 'loss')).toEqual([]);
  });

  it('may be told of any class label', async () => {
    const { runId } = await newRun();
    const labels = [
      '50%',
      'a"b',
      "it's",
      'x/../y',
      '😀',
      '猫',
      'हिन्दी',
      'A',
      'a',
      '.',
      '..',
      '/',
      ' ',
      '',
    ];
    const keys = metricKeys(labels);
    const metrics = labels.map((label, i) => ({
      ...{ key: `f1_${keys.get(label)!}`, value: i, timestamp: 1 },
    }));
    await client.logBatch(runId, { metrics });
    expect(Object.keys((await client.getRun(runId)).metrics)).toHaveLength(labels.length);
  });
});

describe('the sizes of artifacts', () => {
  it('are those of the files that are there', async () => {
    const { runId, artifactUri } = await newRun();
    const model = await client.models.create({ experimentId, name: 'model', runId });
    const files = { 'a.txt': 'abc', 'empty.txt': '', 'sub folder/ü.csv': 'x,y\n' };
    for (const uri of [artifactUri, model.artifactUri]) {
      for (const [path, text] of Object.entries(files)) {
        await client.putArtifact({ artifactUri: uri, path, content: Buffer.from(text) });
      }
      const paths = [...Object.keys(files), 'missing.txt', 'sub folder', 'no folder/x'];
      const sizes = await client.artifactSizes({ artifactUri: uri, paths });
      expect(Object.fromEntries(sizes)).toEqual({
        'a.txt': 3,
        'empty.txt': 0,
        'sub folder/ü.csv': 4,
      });
    }
    expect(await client.artifactSizes({ artifactUri, paths: [] })).toEqual(new Map());
  });
});
