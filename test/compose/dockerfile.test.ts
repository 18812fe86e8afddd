import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readComposeFile, ROOT } from './compose-file.ts';
import { imageEnvironment, instructionsOf } from './dockerfile.ts';
import { BUNDLING, ignoring } from './image-folder.ts';

const { services } = readComposeFile();
const files = ['ops/Dockerfile', 'ops/mlflow.Dockerfile'] as const;

describe.each(files)('%s', (file) => {
  const instructions = instructionsOf(file);
  const all = (wanted: string) =>
    instructions.flatMap(([name, rest]) => (name === wanted ? [rest] : []));
  const isIgnored = ignoring(readFileSync(`${ROOT}${file}.dockerignore`, 'utf8'));

  it('has instructions that Docker knows', () => {
    const known = 'FROM RUN COPY WORKDIR USER ENV EXPOSE HEALTHCHECK CMD'.split(' ');

    expect(instructions.filter(([name]) => !known.includes(name))).toEqual([]);
    expect(instructions[0]?.[0]).toBe('FROM');
  });

  it('copies what exists and is let through', () => {
    const copied = all('COPY').filter((rest) => !rest.startsWith('--from='));
    for (const source of copied.flatMap((rest) => rest.split(' ').slice(0, -1))) {
      expect(existsSync(`${ROOT}${source}`), source).toBe(true);
      if (source !== '.') expect(isIgnored(source), source).toBe(false);
    }
  });

  it('runs as a user without rights, whom clusters know by number', () => {
    expect(all('USER').at(-1)).toMatch(/^10001(:10001)?$/);
    expect(instructions.findIndex(([name]) => name === 'USER')).toBeGreaterThan(
      instructions.findLastIndex(([name]) => name === 'RUN'),
    );
  });

  it.each(['.git/config', '.state/keys/seal.key', '.env', 'ops/.env.production', 'data/train.csv'])(
    'keeps %s out',
    (path) => {
      expect(isIgnored(path)).toBe(true);
    },
  );

  it('starts and checks as docker-compose.yml does', () => {
    const name = file === 'ops/Dockerfile' ? 'server' : 'mlflow';
    const { command, healthcheck } = services[name] ?? {};
    const check = all('HEALTHCHECK')[0] ?? '';

    expect(JSON.parse(all('CMD')[0] ?? '')).toEqual(command);
    expect(check.slice(check.indexOf('CMD '))).toContain(healthcheck?.test?.[1]);
  });
});

describe('ops/Dockerfile', () => {
  it('bundles the workflows after it has their sources, for the Node that runs them', () => {
    const runs = instructionsOf('ops/Dockerfile');
    const bundling = runs.findIndex(
      ([name, rest]) => name === 'RUN' && rest.startsWith(BUNDLING.join(' ')),
    );
    const [build, last] = runs.filter(([name]) => name === 'FROM').map(([, rest]) => rest);

    expect(bundling).toBeGreaterThan(
      runs.findIndex(([name, rest]) => name === 'COPY' && rest === '. .'),
    );
    expect(build).toBe(`${last} AS build`);
  });

  it('installs packages as npm start does: from the registry alone', () => {
    const skip = /ONNXRUNTIME_NODE_INSTALL\b.{1,3}skip/;
    const [install] = instructionsOf('ops/Dockerfile').filter(([, rest]) => /npm ci/.test(rest));

    expect(readFileSync(`${ROOT}local/install.mjs`, 'utf8')).toMatch(skip);
    expect(install?.[1]).toMatch(skip);
  });

  it('has folders for its state and its data', () => {
    expect(imageEnvironment('ops/Dockerfile')).toMatchObject({
      STATE_DIR: '/state',
      DATA_ROOTS: '/data',
    });
  });
});

describe('ops/mlflow/requirements.txt', () => {
  const versions = (file: string) =>
    new Map(
      [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/^([\w.-]+)==([\w.]+)/gm)].map(
        ([, name = '', version = '']) => [name, version],
      ),
    );

  it('has the versions that are tested, each with its hash', () => {
    const tested = versions('test/requirements.txt');
    const text = readFileSync(`${ROOT}ops/mlflow/requirements.txt`, 'utf8');

    for (const name of ['mlflow', 'boto3', 'psycopg', 'psycopg-binary', 'sqlalchemy']) {
      expect(versions('ops/mlflow/requirements.txt').get(name), name).toBe(tested.get(name));
    }
    for (const entry of text.split(/\n(?=\S)/)) expect(entry).toContain('--hash=sha256:');
  });
});
