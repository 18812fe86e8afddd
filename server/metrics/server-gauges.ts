import type { Client } from '@temporalio/client';

import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import type { Neighbour } from '../routes/health.ts';
import { showNeighbours } from './neighbour-gauge.ts';
import { showTemporalGauges } from './temporal-gauges.ts';

/** What a server shows of the whole installation. */
export function showServerGauges(
  metrics: Metrics | undefined,
  about: {
    readonly client: Client;
    readonly taskQueue: string;
    readonly neighbours: readonly Neighbour[];
  },
): void {
  if (!metrics) return;
  showTemporalGauges(metrics, about);
  showNeighbours(metrics, about.neighbours);
}
