import { askedGauge } from '../../platform/metrics/asked-gauge.ts';
import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import { healthOf, type Neighbour } from '../routes/health.ts';

/** Whether each neighbour answers, as /health has it. */
export function showNeighbours(
  { registry }: Pick<Metrics, 'registry'>,
  neighbours: readonly Neighbour[],
): void {
  const name = 'durable_experiments_neighbour_up';
  const help = 'Whether Temporal, MLflow and the audit log answer this server: 1 or 0.';
  askedGauge(registry, { name, help, labelNames: ['neighbour'] }, async () =>
    (await healthOf(neighbours)).map(([neighbour, ok]) => ({
      labels: { neighbour },
      value: Number(ok),
    })),
  );
}
