import { statfs } from 'node:fs/promises';

import type { Registry } from 'prom-client';

import { askedGauge, type Ask } from './asked-gauge.ts';

/** What a worker’s numeric work takes of what it may. */
export interface ComputeLoad {
  readonly threadsBusy: number;
  readonly threads: number;
  /** Tasks that wait for memory or a thread. */
  readonly waiting: number;
  readonly memoryUsed: number;
  readonly memory: number;
}

export interface SaturationMetrics {
  compute(load: () => ComputeLoad): void;
  /** Disks by what they are for. */
  disks(folders: Readonly<Record<string, string>>): void;
}

export function createSaturationMetrics(registry: Registry): SaturationMetrics {
  const gauge = (name: string, help: string, ask: Ask): void =>
    askedGauge(registry, { name: `durable_experiments_${name}`, help }, ask);
  return {
    compute(load) {
      const one = (of: (load: ComputeLoad) => number) => () => [{ value: of(load()) }];
      const shown: readonly (readonly [string, string, (load: ComputeLoad) => number])[] = [
        ['compute_threads_busy', 'Threads that compute.', (now) => now.threadsBusy],
        ['compute_threads', 'Threads that may compute.', (now) => now.threads],
        ['compute_waiting', 'Tasks that wait for memory or a thread.', (now) => now.waiting],
        ['memory_budget_used_bytes', 'What numeric tasks have set apart.', (now) => now.memoryUsed],
        ['memory_budget_bytes', 'What numeric tasks may set apart together.', (now) => now.memory],
      ];
      for (const [name, help, of] of shown) gauge(name, help, one(of));
    },
    disks(folders) {
      const each =
        (bytes: (disk: { bsize: number; blocks: number; bavail: number }) => number): Ask =>
        async () => {
          const found = Object.entries(folders).map(async ([folder, path]) => {
            const disk = await statfs(path).catch(() => undefined);
            return disk ? [{ labels: { folder }, value: bytes(disk) }] : [];
          });
          return (await Promise.all(found)).flat();
        };
      const labelled = (name: string, help: string, ask: Ask): void =>
        askedGauge(
          registry,
          { name: `durable_experiments_${name}`, help, labelNames: ['folder'] },
          ask,
        );
      labelled(
        'disk_free_bytes',
        'Free on the disk below a folder.',
        each(({ bsize, bavail }) => bsize * bavail),
      );
      labelled(
        'disk_bytes',
        'Size of the disk below a folder.',
        each(({ bsize, blocks }) => bsize * blocks),
      );
    },
  };
}
