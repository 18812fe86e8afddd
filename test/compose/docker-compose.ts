import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ROOT } from './compose-file.ts';

const run = promisify(execFile);

/** What `docker compose ps` says of a container. */
export interface ContainerState {
  readonly Name: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
}

/** Calls Docker, and its `compose` for docker-compose.yml with the profile demo, as a project of its own. @throws Error with what it said */
export function dockerCompose(project: string, variables: Readonly<Record<string, string>>) {
  const docker = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, ...variables };
    return (await run('docker', args, { cwd: ROOT, env, maxBuffer: 2 ** 26 })).stdout;
  };
  const compose = (...args: string[]): Promise<string> =>
    // Not the .env of whoever has the service here.
    docker(
      ...['compose', '--project-name', project, '--env-file', '/dev/null'],
      ...['--profile', 'demo', ...args],
    );
  const states = async (): Promise<ContainerState[]> => {
    const said = await compose('ps', '--all', '--format', 'json');
    const lines = said.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as ContainerState);
  };
  return { docker, compose, states };
}
