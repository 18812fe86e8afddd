import { describe, expect, it } from 'vitest';

import { artifactPath } from '../../../platform/tracking/artifact-address.ts';

const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
const refused = (hint: RegExp) =>
  expect.objectContaining({
    code: 'MLFLOW_REFUSED',
    hint: expect.stringMatching(hint) as string,
  }) as Error;

describe('artifactPath', () => {
  it.each([
    ['without a host', 'mlflow-artifacts:/7/ab/artifacts'],
    ['with an empty host', 'mlflow-artifacts:///7/ab/artifacts'],
    ['with the server’s host', 'mlflow-artifacts://127.0.0.1:5000/7/ab/artifacts'],
    ['with another loopback name', 'mlflow-artifacts://localhost:5000/7/ab/artifacts'],
    ['as the proxy’s address', `http://127.0.0.1:5000${PROXY}/7/ab/artifacts`],
  ])('finds the proxy %s', (_name, uri) => {
    expect(artifactPath('http://127.0.0.1:5000', uri, 'model/MLmodel')).toBe(
      `${PROXY}/7/ab/artifacts/model/MLmodel`,
    );
  });

  it('works under a path prefix', () => {
    const server = 'https://ml.example/mlflow';
    const uri = `https://ml.example/mlflow${PROXY}/7/ab/artifacts/`;
    expect(artifactPath(server, uri, 'a')).toBe(`${PROXY}/7/ab/artifacts/a`);
    expect(artifactPath(server, 'mlflow-artifacts:/7/ab', 'a')).toBe(`${PROXY}/7/ab/a`);
  });

  it('encodes names', () => {
    expect(artifactPath('http://m', 'mlflow-artifacts:/7', 'a b/ü&+.csv')).toBe(
      `${PROXY}/7/a%20b/%C3%BC%26%2B.csv`,
    );
  });

  it.each([
    'mlflow-artifacts://evil.example/7/ab',
    'mlflow-artifacts://127.0.0.1:5001/7/ab',
    `http://evil.example${PROXY}/7/ab`,
    `https://127.0.0.1:5000${PROXY}/7/ab`,
    `http://127.0.0.1:5000@evil.example${PROXY}/7/ab`,
  ])('sends nothing to another server: %s', (uri) => {
    expect(() => artifactPath('http://127.0.0.1:5000', uri, 'a')).toThrow(refused(/one MLflow/i));
  });

  it.each([
    's3://bucket/7/ab',
    'file:///mlruns/7',
    '/mlruns/7',
    'gs://b/7',
    '',
    'http://m/other/7',
  ])('refuses other stores with the remedy: %s', (uri) => {
    expect(() => artifactPath('http://m', uri, 'a')).toThrow(refused(/--serve-artifacts/));
  });

  it.each(['../x', '/x', 'a//b', 'a/..', '', '.', 'a\\b', 'a%b', 'a#b', 'a?b', 'a\nb'])(
    'takes no path that MLflow would change: %j',
    (path) => {
      expect(() => artifactPath('http://m', 'mlflow-artifacts:/7', path)).toThrow(TypeError);
    },
  );
});
