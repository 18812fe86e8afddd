import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'vitest';

import { killReader, startReader } from '../../../../activities/sources/child/reader-process.ts';
import type { ReaderTask } from '../../../../activities/sources/child/reader-pool.ts';
import type { SourceLimits } from '../../../../activities/sources/source-types.ts';
import type { Selection } from '../../../../schemas/dataset.ts';
import { FAILURES } from '../../../../schemas/failure.ts';
import { LIMITS } from '../limits.ts';
import type { Outcome } from './perform-many.ts';

const ENTRY = fileURLToPath(new URL('./perform-many.ts', import.meta.url));
const RESOURCES = { memoryBytes: 256 << 20, threads: 1 };
/** What a reader takes at most: what it may, and what reader-watch.ts allows beside. */
const MOST_BYTES = RESOURCES.memoryBytes + (768 << 20);
/** A process remembers what it has loaded, DuckDB most of all. */
const JOBS_A_PROCESS = 150;
const SECONDS_A_JOB = 20;

export const HOSTILE_LIMITS: SourceLimits = { ...LIMITS, maxRows: 200_000, maxBytes: 64 << 20 };

type LoadKind = 'csv-load' | 'parquet-load' | 'records-load';

/** Does thousands of jobs as readers would, without a process for each. */
export function createManyJobs(folder: string) {
  let child: ChildProcess | undefined;
  let jobs = 0;

  function started(): ChildProcess {
    if (child && jobs++ < JOBS_A_PROCESS) return child;
    if (child) killReader(child);
    jobs = 0;
    return (child = startReader({ resources: RESOURCES, entry: ENTRY }));
  }

  /** @returns what became of the job; “DIED: …” when its process did, after which there is another one */
  async function perform(task: ReaderTask): Promise<Outcome> {
    const process = started();
    const outcome = await new Promise<Outcome>((resolve) => {
      const died = (why: string) => () =>
        resolve({ code: `DIED: ${why}`, peakBytes: 0, columns: [] });
      const deadline = setTimeout(died(`not done after ${SECONDS_A_JOB} s`), SECONDS_A_JOB * 1000);
      process.once('message', (message: Outcome) => {
        clearTimeout(deadline);
        process.removeAllListeners('exit');
        resolve(message);
      });
      process.once('exit', (code, signal) => died(String(signal ?? code))());
      process.send({ ...task, resources: RESOURCES, seconds: SECONDS_A_JOB });
    });
    if (outcome.code.startsWith('DIED')) {
      killReader(process);
      child = undefined;
    }
    return outcome;
  }

  return {
    /** Reads names and types of a Parquet file called source.parquet in the folder. */
    describe: (path: string): Promise<Outcome> =>
      perform({ kind: 'parquet-describe', folder, path }),
    /** Reads a file as a dataset, all of it or what is selected. */
    async load(kind: LoadKind, path: string, selected: Partial<Selection> = {}): Promise<Outcome> {
      const output = join(folder, 'dataset');
      const whole: Selection = { task: 'tabular', target: 'y', features: undefined };
      const selection = { ...whole, ...selected };
      const load = { path, selection, limits: HOSTILE_LIMITS, output };
      return perform({ kind, folder, load }).finally(() => rm(output, { force: true }));
    },
    close(): void {
      if (child) killReader(child);
    },
  };
}

const CODES = new Set(['read', ...Object.keys(FAILURES)]);
for (const code of ['INTERNAL', 'READER_DIED']) CODES.delete(code);

/** A reader lived on, has said what was wrong with one of our codes, and took no more than it may. */
export function demandTyped({ code, peakBytes }: Pick<Outcome, 'code' | 'peakBytes'>): void {
  expect(CODES).toContain(code);
  expect(peakBytes).toBeLessThan(MOST_BYTES);
}
