import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { modelDirectory } from '../../../activities/model-directory/model-directory.ts';
import { IDENTITY, TABULAR_EXAMPLE, VERSIONS, tabularModel, textModel } from './sample-models.ts';

const request = {
  model: tabularModel(),
  example: TABULAR_EXAMPLE,
  versions: VERSIONS,
  identity: IDENTITY,
};

const textOf = (path: string, from = modelDirectory(request)): string => {
  const file = from.find((each) => each.path === path);
  return Buffer.from(file!.bytes).toString('utf8');
};

describe('a model directory', () => {
  it('holds the files that MLflow expects, the model among them', () => {
    const files = modelDirectory(request);
    expect(files.map((file) => file.path).toSorted()).toEqual([
      'MLmodel',
      'conda.yaml',
      'input_example.json',
      'model.onnx',
      'python_env.yaml',
      'requirements.txt',
      'serving_input_example.json',
    ]);
    expect(files.find((file) => file.path === 'model.onnx')!.bytes).toBe(request.model.bytes);
  });

  it('is the same bytes for the same request', () => {
    expect(modelDirectory(request)).toEqual(modelDirectory(request));
  });

  it('is ASCII but for the model, as readers may expect another encoding than UTF-8', () => {
    for (const file of modelDirectory(request)) {
      if (file.path !== 'model.onnx') expect(file.bytes.every((byte) => byte < 0x7f)).toBe(true);
    }
  });

  it('says where the model comes from, and how large it is', () => {
    const files = modelDirectory({ ...request, metadata: { task: 'tabular' } });
    const sizes = ['model.onnx', 'input_example.json', 'serving_input_example.json'].map(
      (path) => files.find((file) => file.path === path)!.bytes.length,
    );
    expect(parse(textOf('MLmodel', files))).toMatchObject({
      artifact_path: 'model',
      run_id: IDENTITY.runId,
      model_id: null,
      model_uuid: IDENTITY.modelUuid,
      utc_time_created: '2026-11-22 15:04:05.067000',
      model_size_bytes: sizes.reduce((a, b) => a + b),
      mlflow_version: '3.17.2',
      metadata: { task: 'tabular', classes: { predicted_probability_1: 'no' } },
    });
  });

  it('names the LoggedModel where there is one', () => {
    const id = 'm-0123456789abcdef0123456789abcdef';
    const identity = { ...IDENTITY, modelId: id, modelUuid: id };
    const mlmodel = textOf('MLmodel', modelDirectory({ ...request, identity }));
    expect(parse(mlmodel)).toMatchObject({ model_id: id, model_uuid: id });
  });

  it('quotes class labels that YAML 1.1 takes for something else', () => {
    const values = [
      'no',
      '=',
      '~',
      '1e3',
      '0x1f',
      '2001-01-01',
      '<<',
      'a: b',
      '# c',
      '\n',
      '"',
      '\\',
    ];
    const files = modelDirectory({
      ...request,
      model: textModel({ type: 'string', values }),
      example: [],
    });
    const mlmodel = textOf('MLmodel', files);
    const { metadata } = parse(mlmodel, { version: '1.1' }) as {
      metadata: { classes: Record<string, string> };
    };
    expect(Object.values(metadata.classes)).toEqual(values);
    expect(mlmodel).toContain('probability_1: "="');
  });

  it('pins the environment', () => {
    expect(textOf('requirements.txt')).toBe('mlflow==3.17.2\nonnx==1.23.2\nonnxruntime==1.32.0');
    const versions = { ...VERSIONS, python: '3.10', pip: '24.0', setuptools: '80.1' };
    const files = modelDirectory({ ...request, versions });
    expect(parse(textOf('python_env.yaml', files), { version: '1.1' })).toEqual({
      python: '3.10',
      build_dependencies: ['pip==24.0', 'setuptools==80.1', 'wheel'],
      dependencies: ['-r requirements.txt'],
    });
    expect(textOf('conda.yaml', files)).toContain('pip<=24.0');
    expect(textOf('conda.yaml')).toMatch(/^- pip$/m);
  });

  it('writes doubles so that they stay doubles', () => {
    const example = JSON.parse(textOf('input_example.json')) as unknown;
    expect(example).toEqual({
      columns: ['x', 'count', 'is "ä" 😀', 'label'],
      data: TABULAR_EXAMPLE,
    });
    expect(textOf('input_example.json')).toContain(
      '[1.5, 2, true, -0.0], [2.0, -1, false, 1e+300]',
    );
    expect(JSON.parse(textOf('serving_input_example.json'))).toEqual({ dataframe_split: example });
  });

  it('refuses an example that does not fit the model', () => {
    expect(() => modelDirectory({ ...request, example: [[1, 2, true]] })).toThrow(RangeError);
  });
});
