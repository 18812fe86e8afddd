import { writeDemoData } from '../examples/demo-data.ts';
import type { Bench } from './bench.ts';
import { startInstallation } from './installation.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** Experiments of a round: one takes half a second, and a machine has its moods. */
const EXPERIMENTS = 8;
const REQUEST = {
  tool: 'mlflow_run_experiment',
  params: {
    experiment_name: 'bench',
    source: { kind: 'file', path: 'train.csv', target: 'label' },
    wait_seconds: 45,
  },
};

/** An experiment of 400 rows with every call and attempt recorded, and with nothing recorded. */
export async function measureAuditCost(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  await writeDemoData(bench.scratch);
  const on = await startInstallation(bench, stack, {
    name: 'audit-on',
    settings: { AUDIT: 'true' },
  });
  const off = await startInstallation(bench, stack, {
    ...{ name: 'audit-off', settings: { AUDIT: 'false' } },
  });
  const comparison = await takeTurns({
    what: 'an experiment with the audit log on, and off',
    rounds: bench.rounds(12),
    say: bench.say,
    ours: () => someExperiments(on.url),
    other: () => someExperiments(off.url),
    agree: (ours, other) => agreeOn('accuracy', ours.accuracy, other.accuracy),
  });
  return [
    timeRow('train.csv (400 x 3), one at a time, audit log on and off, seconds', comparison, 1.1),
  ];
}

async function someExperiments(url: string): Promise<{ seconds: number; accuracy: number }> {
  const startedAt = performance.now();
  let accuracy = NaN;
  for (let i = 0; i < EXPERIMENTS; i++) {
    const response = await fetch(`${url}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(REQUEST),
    });
    const { result } = (await response.json()) as {
      result: { status: string; metrics: Record<string, number> } | null;
    };
    if (result?.status !== 'FINISHED') throw new Error(`The run ended as ${result?.status}.`);
    accuracy = result.metrics['accuracy'] as number;
  }
  return { seconds: (performance.now() - startedAt) / 1000 / EXPERIMENTS, accuracy };
}
