import { randomInt } from 'node:crypto';

import type { MetricsExporterConfig } from '@temporalio/worker';

import type { Metrics } from '../platform/metrics/create-metrics.ts';

/** Systems give connections that go out a port from 32768 on. */
const PORTS = { from: 10_000, to: 32_767 };
const MOST_TRIES = 20;
/** Our own metrics are shown in any case. */
const PATIENCE_MILLISECONDS = 1000;

/**
 * Shows the SDK’s own metrics (temporal_…) beside ours. It shows them itself, on a port of the loopback address: so
 * they cost nothing until somebody asks.
 * @param install is given what the SDK’s runtime is to do, perhaps several times until a free port is found
 */
export function withSdkMetrics(
  metrics: Pick<Metrics, 'join'> | undefined,
  install: (telemetry: { readonly metrics?: MetricsExporterConfig }) => unknown,
): void {
  if (!metrics) return void install({});
  const address = onFreePort((bindAddress) => {
    const prometheus = { bindAddress, countersTotalSuffix: true, useSecondsForDurations: true };
    install({ metrics: { prometheus, attachServiceName: false } });
  });
  metrics.join(async () => {
    const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
    return (await fetch(`http://${address}/metrics`, { signal })).text();
  });
}

/** The SDK does not say which port the system gave it: so it is told one, until one is free. */
function onFreePort(listen: (address: string) => void): string {
  for (let tries = 1; ; tries += 1) {
    const address = `127.0.0.1:${randomInt(PORTS.from, PORTS.to + 1)}`;
    try {
      listen(address);
      return address;
    } catch (error) {
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || tries === MOST_TRIES) throw error;
    }
  }
}
