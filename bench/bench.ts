import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { processTable } from '../local/process-table.ts';
import { testPython } from '../test/support/test-environment.ts';
import { startBaseline, type Baseline } from './baseline.ts';
import { generatedData, type DataName } from './data.ts';
import { createLoadStep, type LoadStep } from './load-step.ts';
import { startBenchProduct, type BenchProduct } from './product.ts';
import { startPython, type PythonProcess } from './python-process.ts';

/** What the groups of rows measure with; each part is started when it is first asked for. */
export interface Bench {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Measured rounds: what the command line says, or else `usual`. */
  rounds(usual: number): number;
  /** Kept between two runs: generated data, packages. */
  readonly folder: string;
  /** Generated data lies here; the product reads it from here. */
  readonly dataRoot: string;
  /** For temporary files; removed at the end. */
  readonly scratch: string;
  data(name: DataName): Promise<string>;
  loadStep(): Promise<LoadStep>;
  product(): Promise<BenchProduct>;
  /** Whole experiments in Python. */
  baseline(): Promise<Baseline>;
  /** Single calls of scikit-learn and pandas. */
  reference(): Promise<PythonProcess>;
}

const FOLDER = fileURLToPath(new URL('../.state/bench', import.meta.url));

export interface BenchOptions {
  readonly rounds: number | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Whoever disposes of it ends and removes what was started and made. */
  readonly stack: AsyncDisposableStack;
}

export async function createBench({ rounds, signal, say, stack }: BenchOptions): Promise<Bench> {
  const python = await testPython();
  const dataRoot = join(FOLDER, 'data');
  await mkdir(dataRoot, { recursive: true });
  await removeLeftovers();
  const scratch = await mkdtemp(join(FOLDER, `scratch-${process.pid}-`));
  stack.defer(() => rm(scratch, { recursive: true, force: true, maxRetries: 3 }));

  const product = once(() => startBenchProduct({ folder: scratch, dataRoot, python, stack }));
  const stopping = <T extends { stop(): void }>(child: T): T => {
    stack.defer(() => child.stop());
    return child;
  };
  return {
    signal,
    say,
    rounds: (usual) => rounds ?? usual,
    folder: FOLDER,
    dataRoot,
    scratch,
    data: (name) => generatedData(name, { folder: dataRoot, python: python.python, signal, say }),
    loadStep: once(() => createLoadStep(scratch, { dataRoot, stack })),
    product,
    baseline: once(async () => stopping(startBaseline(python.python, (await product()).mlflow))),
    reference: once(async () => stopping(startPython(python.python, 'reference_server.py'))),
  };
}

/** A run that was killed leaves gigabytes. */
async function removeLeftovers(): Promise<void> {
  const running = new Set((await processTable()).map(({ pid }) => String(pid)));
  for (const name of await readdir(FOLDER)) {
    const pid = /^scratch-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !running.has(pid)) {
      await rm(join(FOLDER, name), { recursive: true, force: true });
    }
  }
}

function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= start());
}
