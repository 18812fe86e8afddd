import { Counter, type Registry } from 'prom-client';

const DIRECTIONS = ['written', 'read'] as const;

export interface BlobMetrics {
  moved(direction: (typeof DIRECTIONS)[number], bytes: number): void;
}

export function createBlobMetrics(registry: Registry): BlobMetrics {
  const moved = new Counter({
    name: 'durable_experiments_blob_bytes_total',
    help: 'Bytes written to and read from the blob store.',
    ...{ labelNames: ['direction'] as const, registers: [registry] },
  });
  for (const direction of DIRECTIONS) moved.inc({ direction }, 0);
  return { moved: (direction, bytes) => moved.inc({ direction }, bytes) };
}
