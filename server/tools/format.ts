/** Metrics on one line, in the order they came; numbers as they are. */
export function formatMetrics(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
