// durable-experiments drain …: has workers take no more work, finish or hand back what they have, and end.
import { parseArgs } from 'node:util';

import { optionsOrUsage } from './audit/options.ts';
import { drainHost } from './drain/drain-host.ts';
import { drainVersion } from './drain/drain-version.ts';
import { configOrExit } from './environment.ts';
import { wholeNumber } from './whole-number.ts';

const USAGE = `Usage: durable-experiments drain [WORKER …] [--wait SECONDS]
       durable-experiments drain --version BUILD_ID [--wait SECONDS]

Without a version: stops workers on this host, all of TEMPORAL_TASK_QUEUE or those named by process id, host:pid or
pid@host, as SIGTERM does. A worker takes no more work; its steps have STOP_GRACE_SECONDS, of the worker's own settings,
to end, and are handed back then: a training goes on elsewhere from its last checkpoint.
With a version that is no longer current: waits until Temporal says that it is drained, then its workers stop, wherever
they are. They do so, too, when this command is not there any more.
--wait is how long this command waits for that end; without it, for as long as it takes.
Exit codes: 0 all have stopped, 1 some have not, 2 usage.`;

/** durable-experiments drain. */
export async function run(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { version: { type: 'string' }, wait: { type: 'string' } },
    });
    if (values.version !== undefined && positionals.length > 0) {
      throw new Error('Name workers or a version, not both.');
    }
    const waitSeconds = values.wait === undefined ? Infinity : wholeNumber(values.wait, 1e6);
    return { ...values, workers: positionals, waitSeconds };
  });
  if (!given) return 2;
  const { version, workers, waitSeconds } = given;
  const config = configOrExit();
  return version === undefined
    ? drainHost(config, workers, waitSeconds)
    : drainVersion(config, version, waitSeconds);
}
