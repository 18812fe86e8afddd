import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TemporalPrograms } from '../support/temporal-programs.ts';
import { hostPath, type ComposeService } from './compose-file.ts';
import type { Container } from './container.ts';

/** `nc -z host port`, which the image has and not every machine. */
const NC = '#!/bin/bash\nexec 3<>"/dev/tcp/$2/$3"\n';

/** Puts what Temporal’s images have among the programs. */
export async function addTemporal({ bin }: TemporalPrograms, programs: string): Promise<void> {
  for (const name of ['temporal-server', 'temporal-sql-tool']) {
    await symlink(join(bin, name), join(programs, name));
  }
  await writeFile(join(programs, 'nc'), NC);
  await chmod(join(programs, 'nc'), 0o755);
}

/** The job that makes Temporal’s tables, which finds them in its image. */
export function withSchemas(container: Container, { source }: TemporalPrograms): Container {
  const SCHEMAS = join(source, 'schema/postgresql/v12');
  const [SQL_HOST = '', SQL_PORT = ''] = databaseOf(container);
  return { ...container, environment: { ...container.environment, SCHEMAS, SQL_HOST, SQL_PORT } };
}

/** Temporal’s server: its image brings the command and the working folder, where the configuration is mounted. */
export async function withImage(
  container: Container,
  { source }: TemporalPrograms,
): Promise<Container> {
  const cwd = join(container.environment['HOME'] ?? '', 'etc');
  await mkdir(join(cwd, 'config'), { recursive: true });
  const mounted = hostPath(container.service, '/etc/temporal/config/dynamicconfig');
  await symlink(mounted, join(cwd, 'config/dynamicconfig'));
  const command = ['bash', join(source, 'docker/scripts/sh/entrypoint.sh')];
  const service: ComposeService = { ...container.service, command };
  const [POSTGRES_SEEDS = '', DB_PORT = ''] = databaseOf(container);
  const environment = { ...container.environment, POSTGRES_SEEDS, DB_PORT };
  return { ...container, cwd, service, environment };
}

/** Host and port, which Temporal has in variables of their own. */
const databaseOf = ({ translate }: Container): string[] => translate('postgres:5432').split(':');
