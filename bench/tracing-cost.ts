import { writeDemoData } from '../examples/demo-data.ts';
import { startOtlpCollector } from '../test/support/otlp-collector.ts';
import { testPython } from '../test/support/test-environment.ts';
import { someExperiments } from './audit-cost.ts';
import type { Bench } from './bench.ts';
import { startBenchProduct, type BenchProduct } from './product.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** An experiment of 400 rows with all of its spans sent, and with none made. */
export async function measureTracingCost(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const { scratch: folder } = bench;
  await writeDemoData(folder);
  const collector = await startOtlpCollector();
  stack.defer(() => collector.close());
  const start = async (OTEL_EXPORTER_OTLP_ENDPOINT: string): Promise<BenchProduct> =>
    startBenchProduct({
      ...{ folder, dataRoot: folder, stack, python: await testPython() },
      settings: { OTEL_EXPORTER_OTLP_ENDPOINT },
    });
  const [on, off] = [await start(collector.url), await start('')];
  const comparison = await takeTurns({
    what: 'an experiment with tracing on, and off',
    rounds: bench.rounds(15),
    say: bench.say,
    ours: () => someExperiments(on),
    other: () => someExperiments(off),
    agree: (ours, other) => agreeOn('accuracy', ours.accuracy, other.accuracy),
  });
  bench.say(`${collector.spans.length} spans received`);
  return [
    timeRow('train.csv (400 x 3), one at a time, tracing on and off, seconds', comparison, 1.05),
  ];
}
