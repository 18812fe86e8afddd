// One train step in a process of its own: prints the most memory that was resident, in bytes.
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';

import { createComputePool } from '../activities/compute/compute-pool.ts';
import { createMemoryBudget, standardMemoryBytes } from '../activities/compute/memory-budget.ts';
import { paramsSchema } from '../schemas/request.ts';

const [datasetPath = '', splitPath = '', output = ''] = process.argv.slice(2);
const threads = availableParallelism();
const compute = createComputePool(threads, createMemoryBudget(standardMemoryBytes()));
const params = paramsSchema.parse({});
const checkpoints = { folder: dirname(output), everySeconds: 5, resume: null };
await compute.run(
  'fit',
  { datasetPath, splitPath, kind: 'logreg_tabular', params, threads, output, checkpoints },
  { signal: new AbortController().signal, memoryBytes: 0 },
);
await compute.close();
console.log(process.resourceUsage().maxRSS * 1024);
