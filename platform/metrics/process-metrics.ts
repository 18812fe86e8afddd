import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Which build runs here, and as what: server, worker, or start, which is both. */
export interface Build {
  readonly role: 'server' | 'worker' | 'start';
  readonly version: string;
}

/** What tells of the process itself. What has to be watched for it is watched from the first call on. */
export function createProcessMetrics(registry: Registry, { role, version }: Build) {
  new Gauge({
    name: 'durable_experiments_build_info',
    help: 'Always 1; its labels tell what runs here.',
    ...{ labelNames: ['role', 'version', 'node'] as const, registers: [registry] },
  }).set({ role, version, node: process.versions.node }, 1);
  let watched = false;
  return {
    watch() {
      if (!watched) collectDefaultMetrics({ register: registry });
      watched = true;
    },
  };
}
