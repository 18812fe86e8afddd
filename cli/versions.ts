// durable-experiments versions …: the versions of the workers, and which of them goes on with what.
import { parseArgs } from 'node:util';

import { optionsOrUsage } from './audit/options.ts';
import { configOrExit } from './environment.ts';
import { wholeNumber } from './whole-number.ts';
import { withDeployment, type Deployment } from './versions/deployment.ts';
import { leaveVersion } from './versions/leave.ts';
import { listVersions } from './versions/list.ts';
import { promoteVersion } from './versions/promote.ts';
import { removeVersion } from './versions/remove.ts';

const USAGE = `Usage: durable-experiments versions [--json]
       durable-experiments versions promote BUILD_ID [--percentage N] [--wait SECONDS]
       durable-experiments versions leave BUILD_ID
       durable-experiments versions remove BUILD_ID

Without a subcommand it lists the versions of WORKER_DEPLOYMENT: which one new experiments go to, how many are running on
each, and how many workers each has.
promote  new experiments go to this version, all or N percent; so do running ones, unless they are pinned to theirs
leave    running experiments of this version go on with the current one: for when its workers are gone for good
remove   Temporal forgets a version that has neither experiments nor workers
Exit codes: 0 done, 1 something stands in the way, 2 usage.`;

/** durable-experiments versions. */
export async function run(args: readonly string[]): Promise<number> {
  const act = optionsOrUsage(USAGE, () => wanted(args));
  if (!act) return 2;
  return withDeployment(configOrExit(), act);
}

function wanted(args: readonly string[]): (deployment: Deployment) => Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      percentage: { type: 'string' },
      wait: { type: 'string', default: '60' },
    },
  });
  const [subcommand = 'list', buildId, ...more] = positionals;
  if (more.length > 0) throw new Error('Name one version.');
  if (subcommand === 'list') return (deployment) => listVersions(deployment, values);
  if (buildId === undefined) throw new Error('Name a version.');
  if (subcommand === 'leave') return (deployment) => leaveVersion(deployment, buildId);
  if (subcommand === 'remove') return (deployment) => removeVersion(deployment, buildId);
  if (subcommand !== 'promote') throw new Error(`There is no “${subcommand}”.`);
  const percentage =
    values.percentage === undefined ? undefined : wholeNumber(values.percentage, 100);
  const waitSeconds = wholeNumber(values.wait, 86_400);
  return (deployment) => promoteVersion(deployment, { buildId, percentage, waitSeconds });
}
