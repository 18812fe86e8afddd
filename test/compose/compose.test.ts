import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConnections } from '../../activities/sources/connections.ts';
import { createLogger } from '../../platform/logging.ts';
import { readConfig, SETTING_NAMES } from '../../schemas/config.ts';
import { createAuthentication, demandAuthentication } from '../../server/access/authentication.ts';
import { readComposeFile, ROOT, type ComposeService } from './compose-file.ts';

const { services, volumes } = readComposeFile();
const all = Object.entries(services);
const service = (name: string): ComposeService => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const split = (mount: string) => mount.split(':') as [source: string, target: string];

/** The image's own folder layout: files of ours that a container sees, by their path in it. */
function hostPath({ volumes: mounts = [] }: ComposeService, path: string): string {
  for (const [source, target] of mounts.map(split)) {
    if (source.startsWith('./') && path.startsWith(target)) {
      return `${ROOT}${source.slice(2)}${path.slice(target.length)}`;
    }
  }
  return `${ROOT}${path}`;
}

describe('docker-compose.yml', () => {
  it('has every part of the service', () => {
    expect(Object.keys(services).sort()).toEqual([
      'api-key',
      'demo-data',
      'mlflow',
      'postgres',
      'server',
      'temporal',
      'temporal-namespace',
      'temporal-postgres',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  it.each(all)('%s: files, volumes and neighbours that it names exist', (_name, part) => {
    if (part.build) {
      expect(part.build.context).toBe('.');
      expect(existsSync(`${ROOT}${part.build.dockerfile}`)).toBe(true);
    }
    for (const [source] of (part.volumes ?? []).map(split)) {
      if (source.startsWith('./')) expect(existsSync(`${ROOT}${source}`), source).toBe(true);
      else expect(volumes).toHaveProperty(source);
    }
    for (const [neighbour, { condition }] of Object.entries(part.depends_on ?? {})) {
      expect(services).toHaveProperty(neighbour);
      if (condition === 'service_healthy') expect(service(neighbour)).toHaveProperty('healthcheck');
    }
    const commands = [part.command, part.entrypoint, part.healthcheck?.test];
    for (const word of commands.flatMap((words) => words ?? [])) {
      if (/^[\w./-]+\.(ts|sh)$/.test(word))
        expect(existsSync(hostPath(part, word)), word).toBe(true);
    }
  });

  it.each(all)('%s: no image floats, and no port is open beyond this machine', (_name, part) => {
    expect(part.image ?? '').toMatch(/^durable-experiments(-mlflow)?$|:\d+(\.\d+)*$/);
    for (const port of part.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(['server', 'worker'])(
    '%s: every setting is one that we read, with a right value',
    (name) => {
      const environment = service(name).environment ?? {};
      const config = readConfig(environment);

      for (const setting of Object.keys(environment)) {
        expect(SETTING_NAMES, `${setting} is not a setting`).toContain(setting);
      }
      expect(config).toMatchObject({
        embeddedTemporal: false,
        embeddedMlflow: false,
        temporalAddress: 'temporal:7233',
        mlflowUrl: 'http://mlflow:5000',
        // Raw connection strings are for a server that only this machine reaches.
        rawConnectionsAllowed: false,
      });
    },
  );

  it('lets server and worker share keys, blobs, data and settings', () => {
    expect(service('server').environment).toEqual(service('worker').environment);
    expect(service('server').volumes).toEqual(service('worker').volumes);
    expect(service('server').image).toBe(service('worker').image);
  });

  it('encrypts what Temporal keeps, and lets the Temporal UI have it decrypted', () => {
    const config = readConfig(service('server').environment ?? {});
    const { TEMPORAL_CODEC_ENDPOINT: endpoint } = service('temporal-ui').environment ?? {};
    const [published] = service('server').ports ?? [];

    expect(config.ENCRYPT_PAYLOADS).toBe(true);
    // Called by a browser on this machine, under the port that is published there.
    expect(endpoint).toBe(
      `http://localhost:${published?.split(':')[1]}/codec/${config.CODEC_TOKEN ?? 'unset'}`,
    );
    const folders = service('worker').volumes?.map((mount) => split(mount)[1]) ?? [];
    expect(folders.some((folder) => config.payloadKeysFile.startsWith(`${folder}/`))).toBe(true);
  });

  it('has the server ask for a key, which is made and printed before its first start', async () => {
    const { command = [], environment = {} } = service('api-key');
    const folder = await mkdtemp(join(tmpdir(), 'compose-'));
    const settings = { ...environment, STATE_DIR: folder };
    const make = () =>
      execFileSync(process.execPath, command.slice(1), {
        ...{ cwd: ROOT, encoding: 'utf8', stdio: 'pipe' },
        env: settings,
      });
    expect(service('server').depends_on).toHaveProperty('api-key', {
      condition: 'service_completed_successfully',
    });
    expect(service('server').volumes).toEqual(service('api-key').volumes);
    expect(environment).toEqual(service('server').environment);
    try {
      const key = make().trim();
      // The second start of the installation.
      expect(make()).toBe('');
      const config = readConfig(settings);
      const authentication = await createAuthentication(config, createLogger('test', 'silent'));
      demandAuthentication(config, authentication);
      expect(await authentication?.callerOf(key)).toMatchObject({ subject: 'compose' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('lets MLflow answer to every name that it is called by', () => {
    const hosts = service('mlflow').environment?.MLFLOW_SERVER_ALLOWED_HOSTS?.split(',') ?? [];
    const config = readConfig(service('server').environment ?? {});

    expect(hosts).toContain(new URL(config.mlflowUrl).host);
    expect(hosts).toContain(new URL(config.mlflowPublicUrl).host);
  });

  it('names a connection to its own database', async () => {
    const { CONNECTIONS_FILE = '' } = service('server').environment ?? {};
    const connections = await loadConnections(`${ROOT}${CONNECTIONS_FILE}`);

    expect(await connections.open('demo')).toMatchObject({
      kind: 'postgresql',
      host: 'postgres',
      database: 'demo',
      user: 'demo',
      password: 'demo',
    });
  });

  it('loads the demo data as the role that owns it', () => {
    const part = service('postgres');
    const script = readFileSync(hostPath(part, '/docker-entrypoint-initdb.d/demo.sql'), 'utf8');
    const included = /\\include (\S+)/.exec(script)?.[1] ?? '';

    expect(script).toMatch(/\\connect demo demo\n\\include/);
    expect(readFileSync(hostPath(part, included), 'utf8')).toContain('create table training_table');
  });

  it('gives Temporal a dynamic configuration that it finds', () => {
    const part = service('temporal');
    const path = `/etc/temporal/${part.environment?.DYNAMIC_CONFIG_FILE_PATH}`;
    const settings = parse(readFileSync(hostPath(part, path), 'utf8')) as Record<string, unknown>;

    expect(Object.keys(settings)).toContain('history.transferProcessorMaxPollRPS');
  });

  it.each(['setup-schema.sh', 'create-namespace.sh'])('%s is a correct shell script', (script) => {
    execFileSync('/bin/sh', ['-n', `${ROOT}ops/temporal/${script}`]);
  });

  it.each(['ops/Dockerfile', 'ops/mlflow.Dockerfile'])('%s copies files that exist', (file) => {
    const copied = readFileSync(`${ROOT}${file}`, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('COPY '))
      .flatMap((line) => line.split(' ').slice(1, -1));

    expect(copied.length).toBeGreaterThan(0);
    for (const source of copied) expect(existsSync(`${ROOT}${source}`), source).toBe(true);
  });
});
