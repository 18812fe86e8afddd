import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startTestService, type TestService } from '../support/test-service.ts';

const STRANGER = fileURLToPath(new URL('stranger.py', import.meta.url));

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Found {
  readonly status: string;
  readonly params: Record<string, string>;
  readonly metrics: Record<string, number>;
  readonly tags: Record<string, string>;
  readonly artifacts: string[];
  readonly report: string[];
  readonly datasets: { context: string; digest: string; source: object; profile: object }[];
  readonly loss: [number, number][];
  readonly model: Record<string, unknown> & { id: string; files: string[] };
  readonly searched: string[];
  readonly champion: { version: string; source: string; run_id: string; tags: object };
  readonly agree: Record<string, boolean>;
  readonly preview: { y_true: number[]; y_pred: number[] };
  readonly sample_agrees: boolean;
}

describe('MLflow’s own client, in the hands of a stranger', () => {
  it('finds the run complete, and its model loads everywhere with the same predictions', async () => {
    const model_name = `stranger-${randomUUID()}`;
    const { result, error } = await service.invoke('mlflow_run_experiment', {
      experiment_name: `stranger-${randomUUID()}`,
      source: { kind: 'file', path: 'train.csv', target: 'label' },
      register: { model_name },
    });
    expect(error).toBeNull();
    const run_id = String(result?.['run_id']);
    const path = join(service.data, 'train.csv');
    const { stdout } = await promisify(execFile)(
      inject('python'),
      [STRANGER, inject('mlflow'), run_id, model_name, path, 'label'],
      { maxBuffer: 1 << 24 },
    );
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Found;

    expect(found.status).toBe('FINISHED');
    expect(found.agree).toEqual({
      ...{ models_uri: true, champion_uri: true, onnx: true, served: true },
    });
    expect(found.sample_agrees).toBe(true);
    expect(found.preview.y_pred).toHaveLength(20);
    expect(found.artifacts).toEqual(['audit', 'preview', 'report']);
    expect(found.report).toEqual(
      expect.arrayContaining([
        ...['report/card.html', 'report/card.md', 'report/confusion_matrix.svg'],
        ...['report/roc_curve.svg', 'report/precision_recall.svg', 'report/calibration.svg'],
        ...['report/coefficients.svg', 'report/loss_curve.svg', 'report/per_class.csv'],
        ...['report/classification_report.txt', 'report/data_profile.json'],
      ]),
    );
    expect(found.params).toMatchObject({ C: '1', seed: '42', solver: 'lbfgs', test_size: '0.2' });
    expect(found.metrics).toMatchObject({
      accuracy: 0.925,
      'model/proof_rows': 80,
      'model/proof_different_labels': 0,
    });
    // The reading process alone takes longer to start.
    expect(found.metrics['system/cpu_seconds']).toBeGreaterThan(0.05);
    expect(found.metrics['time/train_seconds']).toBeGreaterThan(0);
    expect(found.tags).toMatchObject({
      ...{ 'temporal.workflow_id': result?.['workflow_id'], 'model.id': found.model.id },
      ...{
        'training.converged': 'true',
        'split.sha256': expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      },
    });
    expect(found.loss.map(([step]) => step)).toEqual(found.loss.map((_, i) => i + 1));
    expect(found.loss.at(-1)?.[1]).toBeLessThan(found.loss[0]?.[1] as number);

    expect(found.datasets.map(({ context }) => context).sort()).toEqual(['testing', 'training']);
    const training = found.datasets.find(({ context }) => context === 'training');
    expect(training).toMatchObject({
      ...{ source: { uri: 'train.csv', format: 'csv' }, profile: { num_rows: 320 } },
    });
    expect(found.model).toMatchObject({
      ...{ name: 'model', status: 'READY', source_run: run_id, params: { C: '1' } },
      metrics: { accuracy: [0.925, 'train.csv (test)'] },
    });
    expect(found.model.files).toEqual(expect.arrayContaining(['MLmodel', 'model.onnx']));
    expect(found.searched).toEqual([found.model.id]);
    expect(found.champion).toMatchObject({
      ...{ version: '1', source: `models:/${found.model.id}`, run_id, tags: { accuracy: '0.925' } },
    });
  });

  it('finds a model that ONNX Runtime in Node runs, too', async () => {
    const { result } = await service.invoke('mlflow_run_experiment', {
      experiment_name: `stranger-${randomUUID()}`,
      source: {
        kind: 'inline',
        records: Array.from({ length: 40 }, (_, i) => ({
          text: i % 2 === 0 ? `İstanbul ΟΔΟΣ ${i}` : `grey Straße ${i}`,
          label: i % 2 === 0 ? 'city' : 'street',
        })),
      },
    });
    const modelId = String(result?.['model_id']);
    const api = `${inject('mlflow')}/api/2.0`;
    const { model } = (await (await fetch(`${api}/mlflow/logged-models/${modelId}`)).json()) as {
      model: { info: { artifact_uri: string; status: string } };
    };
    expect(model.info.status).toBe('LOGGED_MODEL_READY');
    const place = model.info.artifact_uri.replace(/^mlflow-artifacts:\/+/, '');
    const file = await fetch(`${api}/mlflow-artifacts/artifacts/${place}/model.onnx`);
    const session = await InferenceSession.create(new Uint8Array(await file.arrayBuffer()));
    const texts = ['ISTANBUL οδος', 'die straße'];
    const { label } = await session.run({ text: new Tensor('string', texts, [2, 1]) });
    expect(label?.data).toEqual(['city', 'street']);
  });
});
