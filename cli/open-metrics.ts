import { readCodeVersion } from '../platform/code-version.ts';
import { createMetrics, type Metrics } from '../platform/metrics/create-metrics.ts';
import { openMetricsDoor } from '../platform/metrics/metrics-door.ts';
import type { Build } from '../platform/metrics/process-metrics.ts';
import type { Config } from '../schemas/config.ts';
import { TOOLS } from '../server/tools/index.ts';

/** What this process counts, and METRICS_PORT’s door to it where that is set. */
export async function openMetrics(
  config: Config,
  role: Build['role'],
): Promise<{ readonly metrics: Metrics; readonly close: () => Promise<void> }> {
  const tools = role === 'worker' ? [] : TOOLS.map(({ name }) => name);
  const metrics = createMetrics({ role, version: await readCodeVersion() }, tools);
  const local = config.blobStore.startsWith('s3://') ? {} : { blobs: config.blobStore };
  metrics.saturation.disks({ state: config.STATE_DIR, ...local });
  const door = await openMetricsDoor(config, metrics);
  return { metrics, close: async () => door?.stop() };
}
