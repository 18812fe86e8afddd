import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The mission document's first example, on the data that the demo generator wrote. */
const DEMO = {
  tool: 'mlflow.run_experiment',
  params: {
    experiment_name: 'demo',
    source: {
      kind: 'file',
      path: 'train.csv',
      format: 'csv',
      features: ['f1', 'f2', 'f3'],
      target: 'label',
    },
  },
};

interface Answer {
  readonly result: { readonly run_id: string; readonly metrics: Record<string, number> } | null;
  readonly error: string | null;
}

/** Runs the demo experiment through the server's own door, once for each STATE_DIR, and says what came out. */
export async function runDemo(
  url: string,
  stateDir: string,
  say: (line: string) => void,
): Promise<void> {
  const mark = join(stateDir, 'demo-run.json');
  if (await stat(mark).catch(() => undefined)) return;
  say('Running the demo experiment (400 rows, logistic regression) …');
  const response = await fetch(`${url}/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(DEMO),
  });
  const { result, error } = (await response.json()) as Answer;
  if (!result) {
    say(`The demo experiment failed: ${error ?? 'no answer'}`);
    return;
  }
  say(`  run ${result.run_id}`);
  for (const [name, value] of Object.entries(result.metrics)) say(`  ${name.padEnd(22)} ${value}`);
  await mkdir(stateDir, { recursive: true });
  await writeFile(mark, `${JSON.stringify(result, undefined, 2)}\n`);
}
