import { writeDemoData } from '../examples/demo-data.ts';
import { createMlflowClient } from '../platform/tracking/mlflow-client.ts';
import { TAGS } from '../schemas/names.ts';
import type { Bench } from './bench.ts';
import type { BenchProduct } from './product.ts';
import { timeRow, type Row } from './results.ts';
import { takeTurns } from './side-by-side.ts';

const EXPERIMENT = 'bench-get-run';
/** Calls of a round: one takes milliseconds. */
const CALLS = 20;

/** mlflow_get_run on a finished run through /invoke, in turn with MLflow's own runs/get. */
export async function measureGetRun(bench: Bench): Promise<Row[]> {
  await writeDemoData(bench.dataRoot);
  const product = await bench.product();
  const source = { kind: 'file', path: 'train.csv', format: 'csv', target: 'label' };
  const { workflowId } = await product.run({ experiment_name: EXPERIMENT, source });
  const runId = await runOf(product, workflowId);
  const address = `${product.mlflow}/api/2.0/mlflow/runs/get?run_id=${runId}`;
  const comparison = await takeTurns({
    what: 'get_run on a finished run, runs/get',
    rounds: bench.rounds(15),
    say: bench.say,
    ours: () => timed(() => product.steps(workflowId)),
    other: () => timed(async () => (await fetch(address)).json()),
    agree: () => undefined,
  });
  return [timeRow('mlflow_get_run on a finished run, MLflow’s runs/get', comparison, 3)];
}

async function runOf({ mlflow: url }: BenchProduct, workflowId: string): Promise<string> {
  const mlflow = createMlflowClient({ url });
  const { experimentId } = (await mlflow.experiments.byName(EXPERIMENT)) ?? {};
  const { runs } = await mlflow.searchRuns({
    experimentIds: experimentId === undefined ? [] : [experimentId],
    where: [{ tag: TAGS.workflowId, is: '=', value: workflowId }],
    maxResults: 1,
  });
  const [run] = runs;
  if (!run) throw new Error(`MLflow has no run of ${workflowId}.`);
  return run.runId;
}

/** Seconds of one call, of several one after another. */
async function timed(call: () => Promise<unknown>): Promise<{ seconds: number }> {
  const startedAt = performance.now();
  for (let i = 0; i < CALLS; i++) await call();
  return { seconds: (performance.now() - startedAt) / 1000 / CALLS };
}
