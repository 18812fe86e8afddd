import { totalmem } from 'node:os';

import { standardMemoryBytes } from '../../activities/compute/memory-budget.ts';
import { findPython } from '../../local/python-interpreter.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { readCodeVersion } from '../../platform/code-version.ts';
import { ok, problem, warning, type Check, type Finding } from './check.ts';

const NODE = 24;
const GIB = 1024 ** 3;
/** What Temporal’s and MLflow’s programs come from where they are embedded. */
const PYTHON = [3, 10] as const;

export const programs: Check = {
  name: 'programs',
  async run({ config, environment }) {
    const findings: Finding[] = [];
    const { node } = process.versions;
    if (Number.parseInt(node, 10) < NODE) {
      findings.push(
        problem(
          `Node ${node} is too old.`,
          `Use Node ${NODE}, which the package “node” brings along.`,
        ),
      );
    } else {
      findings.push(ok(`${packageJson.name} ${await readCodeVersion()}, Node ${node}.`));
    }
    if (config.embeddedTemporal || config.embeddedMlflow) {
      await findPython(environment, PYTHON);
      findings.push(ok(`Python ${PYTHON.join('.')} or newer is there for the embedded servers.`));
    }
    return findings;
  },
};

export const memory: Check = {
  name: 'memory',
  async run({ config }) {
    const limit = process.constrainedMemory();
    const there = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
    const budget = config.WORKER_MEMORY_BYTES ?? standardMemoryBytes();
    const [ours, all] = [budget, there].map((bytes) => (bytes / GIB).toFixed(1));
    if (budget > 0.9 * there) {
      return problem(
        `WORKER_MEMORY_BYTES lets trainings take ${ours} GiB, and there are ${all} GiB: a worker would be killed.`,
        'Set it to 70 % of what there is, or leave it out.',
      );
    }
    const says = `A worker’s numeric work may take ${ours} of ${all} GiB.`;
    return there < 1.5 * GIB ? warning(says, 'Give workers 2 GiB or more.') : ok(says);
  },
};
