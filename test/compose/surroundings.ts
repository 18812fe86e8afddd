import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort } from '../../local/ports.ts';
import { hostPath, type ComposeService } from './compose-file.ts';
import type { Container } from './container.ts';
import { imageEnvironment } from './dockerfile.ts';
import { translator } from './places.ts';

/** What stands in for the machine, the network and the volumes of docker-compose.yml. */
export interface Surroundings {
  /** Folders app (the image’s), keys and data (volumes), and one for each container. */
  readonly folder: string;
  /** Where programs are that the images have. */
  readonly path: string;
  /** Addresses of containers, with what stands in their place; more of them as services start. */
  readonly places: Readonly<Record<string, string>>;
}

/** Names of the variables that say where a process listens itself. */
const PORTS = ['PORT', 'MLFLOW_PORT', 'METRICS_PORT'];

/** A process’s own surroundings, with a folder as /state and a port for its metrics. */
export async function containerOf(
  service: ComposeService,
  name: string,
  { folder, path, places }: Surroundings,
): Promise<Container> {
  const state = join(folder, name);
  await mkdir(state);
  await symlink(join(folder, 'keys'), join(state, 'keys'));
  const mounts = (service.volumes ?? []).filter((mount) => mount.startsWith('./'));
  const mounted = mounts.map((mount) => mount.split(':')[1] ?? '');
  const translate = translator({
    ...places,
    ...Object.fromEntries(mounted.map((target) => [target, hostPath(service, target)])),
    '127.0.0.1:9464': `127.0.0.1:${await freePort()}`,
    '/data': join(folder, 'data'),
    '/state': state,
  });
  const image = service.build ? imageEnvironment(service.build.dockerfile) : {};
  const environment = Object.entries({ ...image, ...service.environment }).map(([key, value]) => {
    const port = PORTS.includes(key) && translate(`127.0.0.1:${value}`).split(':')[1];
    return [key, port || translate(value)] as const;
  });
  return {
    ...{ service, translate, cwd: join(folder, 'app') },
    environment: { ...Object.fromEntries(environment), HOME: state, PATH: path },
  };
}
