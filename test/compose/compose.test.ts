import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DYNAMIC_CONFIG } from '../../local/temporal-server.ts';
import {
  composeVariables,
  hostPath,
  readComposeFile,
  ROOT,
  type ComposeService,
} from './compose-file.ts';

const { services, volumes, configs } = readComposeFile();
const all = Object.entries(services);
const service = (name: string): ComposeService => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const namesOf = (wanted: (service: ComposeService) => boolean) =>
  all.flatMap(([name, part]) => (wanted(part) ? [name] : [])).sort();

describe('docker-compose.yml', () => {
  it('has every part of the service, and the demo apart', () => {
    expect(namesOf(({ profiles }) => profiles === undefined)).toEqual([
      ...['api-key', 'buckets', 'grafana', 'mlflow', 'postgres', 'prometheus', 's3', 'server'],
      ...['temporal', 'temporal-namespace', 'temporal-schema', 'temporal-ui', 'worker'],
    ]);
    expect(namesOf(({ profiles }) => profiles?.join() === 'demo')).toEqual([
      ...['demo-data', 'demo-postgres'],
    ]);
    expect(service('worker').deploy?.replicas).toBe(2);
  });

  it.each(all)('%s: files, volumes and neighbours that it names exist', (_name, part) => {
    if (part.build) {
      expect(part.build.context).toBe('.');
      expect(existsSync(`${ROOT}${part.build.dockerfile}`)).toBe(true);
    }
    for (const [source = '', target] of (part.volumes ?? []).map((mount) => mount.split(':'))) {
      // A path alone is a volume of this container’s own.
      if (target === undefined) expect(source).toMatch(/^\//);
      else if (source.startsWith('./')) expect(existsSync(`${ROOT}${source}`), source).toBe(true);
      else expect(volumes).toHaveProperty(source);
    }
    for (const { source } of part.configs ?? []) expect(configs).toHaveProperty(source);
    const commands = [part.command, part.entrypoint, part.healthcheck?.test];
    for (const word of commands.flatMap((words) => words ?? [])) {
      if (/^[\w./-]+\.(ts|sh|py)$/.test(word))
        expect(existsSync(hostPath(part, word)), word).toBe(true);
    }
  });

  it.each(all)('%s waits for what can be waited for', (_name, part) => {
    for (const [neighbour, { condition }] of Object.entries(part.depends_on ?? {})) {
      const { healthcheck, profiles } = service(neighbour);
      // A service of the demo is not there without the profile.
      expect(profiles).toBeUndefined();
      expect(condition === 'service_healthy', neighbour).toBe(healthcheck?.test !== undefined);
      if (condition !== 'service_healthy') expect(condition).toBe('service_completed_successfully');
    }
  });

  it.each(all)('%s: no image floats, and no port is open beyond this machine', (_name, part) => {
    expect(part.image ?? '').toMatch(/^durable-experiments(-mlflow)?$|:v?\d+(\.\d+)*$/);
    for (const port of part.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('publishes each port once', () => {
    const published = all.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));

    expect(new Set(published).size).toBe(published.length);
  });

  it('runs nothing of ours as root that serves, nor with a root that can be written', () => {
    const ours = all.filter(([, { image }]) => image === 'durable-experiments');

    expect(ours.map(([name]) => name).sort()).toEqual(['api-key', 'demo-data', 'server', 'worker']);
    for (const [name, { read_only: readOnly, user }] of ours) {
      expect(readOnly, name).toBe(true);
      if (name !== 'demo-data') expect(user, name).toBeUndefined();
    }
  });

  it('takes every password from a variable, and the same one wherever it is needed', () => {
    const passwords = composeVariables().filter((name) => /PASSWORD|SECRET/.test(name));
    const given = Object.fromEntries(passwords.map((name) => [name, `given-${name}`]));
    const text = JSON.stringify(readComposeFile(given));

    expect(passwords).toHaveLength(9);
    for (const standard of ['temporal', 'mlflow', 'audit']) {
      expect(text).not.toContain(`:${standard}@`);
    }
    for (const name of ['TEMPORAL_DB', 'MLFLOW_DB', 'AUDIT_DB'].map((each) => `${each}_PASSWORD`)) {
      expect(text.split(`given-${name}`).length, name).toBeGreaterThan(2);
    }
  });

  it('gives Temporal the dynamic configuration of npm start, where it looks for it', () => {
    const part = service('temporal');
    const path = `/etc/temporal/${part.environment?.['DYNAMIC_CONFIG_FILE_PATH']}`;
    const settings = parse(readFileSync(hostPath(part, path), 'utf8')) as Record<
      string,
      readonly { readonly value: unknown }[]
    >;
    const values = Object.entries(settings).map(
      ([name, [first]]) => `${name}=${JSON.stringify(first?.value)}`,
    );

    expect(values.sort()).toEqual([...DYNAMIC_CONFIG].sort());
  });

  it.each(['temporal/setup-schema.sh', 'temporal/create-namespace.sh', 'durable-experiments.sh'])(
    '%s is a correct shell script',
    (script) => {
      execFileSync('/bin/sh', ['-n', `${ROOT}ops/${script}`]);
    },
  );
});
