import { readFile } from 'node:fs/promises';

import { startEmptyPostgres } from '../support/postgres.ts';
import { runInitScript } from '../support/psql.ts';
import { startS3Server } from '../support/s3-server.ts';
import { hostPath, type ComposeService } from './compose-file.ts';

/** A server that stands in for a container. */
export interface PlayedServer {
  /** host:port */
  readonly place: string;
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';

/** PostgreSQL with what the scripts make that are mounted for its first start. */
export async function playPostgres(service: ComposeService): Promise<PlayedServer> {
  const user = { user: SUPERUSER, password: service.environment?.['POSTGRES_PASSWORD'] ?? '' };
  const { port, stop } = await startEmptyPostgres(user);
  const targets = (service.volumes ?? []).map((mount) => mount.split(':')[1] ?? '');
  try {
    for (const target of targets.filter((path) =>
      path.startsWith('/docker-entrypoint-initdb.d/'),
    )) {
      const script = await readFile(hostPath(service, target), 'utf8');
      const here = script.replace(/(?<=\\include )\S+/g, (path) => hostPath(service, path));
      await runInitScript(here, { ...user, port }, service.environment);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { place: `127.0.0.1:${port}`, stop };
}

/** moto, under a name: a client that put the bucket before it, as Amazon’s clients do unless told, would not find it. */
export async function playS3(python: string): Promise<PlayedServer> {
  const server = await startS3Server(python);
  const { port } = new URL(server.environment['AWS_ENDPOINT_URL'] ?? '');
  return { place: `localhost:${port}`, stop: () => server.stop() };
}
