// durable-experiments reproduce <run_id|workflow_id>: runs a run again from its record, and says whether it comes to the
// same. Ends with 0 for bit-identical and equal, 1 for different, 2 when there is no answer.
import { parseArgs } from 'node:util';

import { createLogger } from '../platform/logging.ts';
import { Failure } from '../schemas/failure.ts';
import { openReproduction } from '../server/reproduction/open-reproduction.ts';
import {
  reproduceRun,
  StillGoing,
  type ReproduceOptions,
} from '../server/reproduction/reproduce-run.ts';
import { reproductionText } from '../server/reproduction/reproduction-text.ts';
import { configOrExit } from './environment.ts';
import { stopSignal } from './shutdown.ts';

const [SAME, DIFFERENT, NO_ANSWER] = [0, 1, 2];
const MINUTE = 60_000;
/** What a timer can still count. */
const MOST_MINUTES = 35_000;

const USAGE = `Usage: durable-experiments reproduce <run_id|workflow_id> [--json] [--wait minutes] [--rerun workflow_id]

  --json    the comparison as JSON
  --wait    how long to wait for the rerun, in minutes: 60 unless given
  --rerun   compares an earlier rerun in place of starting one`;

interface Wish extends Pick<ReproduceOptions, 'run' | 'rerun'> {
  readonly json: boolean;
  readonly minutes: number;
}

export async function run(args: readonly string[]): Promise<number> {
  const wish = wishOf(args);
  if (!wish) {
    console.error(USAGE);
    return NO_ANSWER;
  }
  const config = configOrExit();
  const stop = stopSignal(createLogger('reproduce', 'silent'));
  await using opened = new AsyncDisposableStack();
  try {
    const reproduction = await openReproduction(config);
    opened.defer(() => reproduction.close());
    const found = await reproduceRun(reproduction, {
      ...wish,
      signal: AbortSignal.any([stop, AbortSignal.timeout(wish.minutes * MINUTE)]),
      tell: (line) => console.error(line),
    });
    console.log(wish.json ? JSON.stringify(found, null, 2) : reproductionText(found));
    return found.verdict === 'different' ? DIFFERENT : SAME;
  } catch (error) {
    console.error(inWords(error, wish));
    return NO_ANSWER;
  }
}

function wishOf(args: readonly string[]): Wish | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        wait: { type: 'string', default: '60' },
        rerun: { type: 'string' },
      },
    });
    const minutes = Number(values.wait);
    const [id, ...others] = positionals;
    const usable = minutes > 0 && minutes <= MOST_MINUTES && others.length === 0;
    if (id === undefined || !usable) return undefined;
    return { run: id, minutes, json: values.json, rerun: values.rerun };
  } catch {
    return undefined;
  }
}

function inWords(error: unknown, { run: id }: Wish): string {
  if (error instanceof StillGoing) {
    return `${error.message} Compare it when it has ended: durable-experiments reproduce ${id} --rerun ${error.workflowId}`;
  }
  if (error instanceof Failure) return `${error.code}: ${error.message} ${error.hint}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
