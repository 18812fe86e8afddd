import { Registry } from 'prom-client';

import { createAuditMetrics, type AuditMetrics } from './audit-metrics.ts';
import { createBlobMetrics, type BlobMetrics } from './blob-metrics.ts';
import { createCallMetrics, type CallMetrics } from './call-metrics.ts';
import { createExperimentMetrics, type ExperimentMetrics } from './experiment-metrics.ts';
import { createProcessMetrics, type Build } from './process-metrics.ts';
import { createSaturationMetrics, type SaturationMetrics } from './saturation-metrics.ts';
import { createStepMetrics, type StepMetrics } from './step-metrics.ts';
import { createTrackingMetrics, type TrackingMetrics } from './tracking-metrics.ts';

/** What a process counts, and the page on which it shows it. */
export interface Metrics {
  readonly experiments: ExperimentMetrics;
  readonly steps: StepMetrics;
  readonly calls: CallMetrics;
  readonly tracking: TrackingMetrics;
  readonly blobs: BlobMetrics;
  readonly audit: AuditMetrics;
  readonly saturation: SaturationMetrics;
  /** For gauges that only one kind of process has. */
  readonly registry: Registry;
  /** Shows what somebody else counts, too; what can’t be had in time is left out. */
  join(read: () => Promise<string>): void;
  /** Everything, in Prometheus’ text format. */
  page(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The metrics of one process. All labels have a bounded number of values. @param tools names of tools */
export function createMetrics(build: Build, tools: readonly string[] = []): Metrics {
  const registry = new Registry();
  const own = createProcessMetrics(registry, build);
  const joined: (() => Promise<string>)[] = [];
  return {
    registry,
    experiments: createExperimentMetrics(registry),
    steps: createStepMetrics(registry),
    calls: createCallMetrics(registry, tools),
    tracking: createTrackingMetrics(registry),
    blobs: createBlobMetrics(registry),
    audit: createAuditMetrics(registry),
    saturation: createSaturationMetrics(registry),
    join: (read) => void joined.push(read),
    async page() {
      own.watch();
      const others = joined.map((read) => read().catch(() => ''));
      const texts = await Promise.all([registry.metrics(), ...others]);
      return { contentType: registry.contentType, text: texts.join('\n') };
    },
  };
}
