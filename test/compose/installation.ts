import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { freePort } from '../../local/ports.ts';
import type { TemporalPrograms } from '../support/temporal-programs.ts';
import { readComposeFile, type ComposeService } from './compose-file.ts';
import { runJob, startContainer, type Container, type ContainerProcess } from './container.ts';
import { filesOf, makeImageFolder } from './image-folder.ts';
import { playPostgres, playS3, type PlayedServer } from './played-servers.ts';
import { containerOf } from './surroundings.ts';
import { addTemporal, withImage, withSchemas } from './temporal-container.ts';

export interface Installation {
  /** What stands in for a container’s address. */
  place(address: string): string;
  /** What a job has printed. */
  printed(job: string): string;
  /** The processes of a service. */
  running(service: string): readonly ContainerProcess[];
  /** One more container of a service, to run other commands in. */
  container(service: string): Promise<Container>;
  /** What stands in for /app, with the names of what the build has put there. */
  readonly image: { readonly folder: string; readonly files: readonly string[] };
  stop(): Promise<void>;
}

/** Not the file’s own values: a place that goes by others shows. */
const VARIABLES = {
  POSTGRES_PASSWORD: 'of-the-superuser',
  TEMPORAL_DB_PASSWORD: 'of-temporal',
  MLFLOW_DB_PASSWORD: 'of-mlflow',
  AUDIT_DB_PASSWORD: 'of-the-audit',
  DEMO_POSTGRES_PASSWORD: 'of-the-demo',
  // One start less.
  MLFLOW_WORKERS: '1',
  TEMPORAL_NAMESPACE: `compose-${process.pid}`,
};

/**
 * Starts services of docker-compose.yml as processes, each after those that it depends on, with their own commands,
 * environments and health checks; addresses and folders are replaced. PostgreSQL runs the scripts that are mounted
 * for it, moto plays the S3 store, and the development server of the tests Temporal, unless there are its programs.
 */
export async function startInstallation(
  wanted: readonly string[],
  given: {
    readonly python: string;
    /** The development server’s address, or what Temporal’s images have. */
    readonly temporal: string | TemporalPrograms;
  },
): Promise<Installation> {
  const { services } = readComposeFile(VARIABLES);
  const images = typeof given.temporal === 'string' ? undefined : given.temporal;
  const folder = await mkdtemp(join(tmpdir(), 'compose-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true }));
  const [server, mlflow] = [await freePort(), await freePort()];
  const places: Record<string, string> = {
    'temporal:7233': typeof given.temporal === 'string' ? given.temporal : '127.0.0.1:7233',
    '127.0.0.1:8000': `127.0.0.1:${server}`,
    '127.0.0.1:5000': `127.0.0.1:${mlflow}`,
    'localhost:5000': `127.0.0.1:${mlflow}`,
    'mlflow:5000': `127.0.0.1:${mlflow}`,
  };
  const programs = join(folder, 'programs');
  const surroundings = {
    ...{ folder, places },
    path: [programs, dirname(given.python), '/usr/bin', '/bin'].join(':'),
  };
  const running = new Map<string, ContainerProcess[]>();
  const printed = new Map<string, string>();
  const play = async (address: string, start: Promise<PlayedServer>): Promise<void> => {
    const played = await start;
    undo.defer(() => played.stop());
    places[address] = played.place;
  };
  const played: Readonly<Record<string, (service: ComposeService) => Promise<void>>> = {
    postgres: (service) => play('postgres:5432', playPostgres(service)),
    'demo-postgres': (service) => play('demo-postgres:5432', playPostgres(service)),
    s3: () => play('s3:8333', playS3(given.python)),
    ...(!images && {
      temporal: () => Promise.resolve(),
      // It has a schema.
      'temporal-schema': () => Promise.resolve(),
    }),
  };
  const containerFor = async (service: ComposeService, name: string): Promise<Container> => {
    const container = await containerOf(service, name, surroundings);
    if (images && name === 'temporal-schema') return withSchemas(container, images);
    if (images && name === 'temporal-1') return withImage(container, images);
    return container;
  };
  const start = async (name: string): Promise<void> => {
    const service = services[name];
    if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
    await Promise.all(Object.keys(service.depends_on ?? {}).map(up));
    if (played[name]) return played[name](service);
    await image;
    if (service.healthcheck?.test === undefined) {
      printed.set(name, await runJob(await containerFor(service, name)));
      return;
    }
    const replicas = Array.from({ length: service.deploy?.replicas ?? 1 }, async (_, i) =>
      startContainer(await containerFor(service, `${name}-${i + 1}`)),
    );
    running.set(name, await Promise.all(replicas));
  };
  const started = new Map<string, Promise<void>>();
  const up = (name: string): Promise<void> => {
    const going = started.get(name) ?? start(name);
    started.set(name, going);
    return going;
  };

  await Promise.all(['keys', 'data', 'programs'].map((name) => mkdir(join(folder, name))));
  if (images) await addTemporal(images, programs);
  const imageFolder = join(folder, 'app');
  const image = (async () => {
    await makeImageFolder(imageFolder);
    const files = await filesOf(imageFolder);
    await symlink(process.execPath, join(programs, 'node'));
    await symlink(
      join(imageFolder, 'ops/durable-experiments.sh'),
      join(programs, 'durable-experiments'),
    );
    await up('demo-postgres');
    await reachDemoAt(
      join(imageFolder, 'ops/connections.json'),
      places['demo-postgres:5432'] ?? '',
    );
    return { folder: imageFolder, files };
  })();
  undo.defer(async () => {
    await Promise.all([...running.values()].flat().map((each) => each.stop()));
  });
  const outcomes = await Promise.allSettled([image, ...wanted.map(up)]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  const owned = undo.move();
  return {
    image: await image,
    place: (address) => places[address] ?? address,
    printed: (job) => printed.get(job) ?? '',
    running: (name) => running.get(name) ?? [],
    container: (name) => containerOf(services[name] ?? {}, `more-${name}`, surroundings),
    stop: () => owned.disposeAsync(),
  };
}

/** The file has a host’s name, and the port that goes without saying. */
async function reachDemoAt(file: string, place: string): Promise<void> {
  const [host, port] = place.split(':');
  const { demo } = JSON.parse(await readFile(file, 'utf8')) as { demo: object };
  await writeFile(file, JSON.stringify({ demo: { ...demo, host, port: Number(port) } }));
}
